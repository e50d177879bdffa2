# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of umtrace for fish: options, their words, files and interfaces.

set -l limits flows= pending= pending-total= fragments= head= body= requests= memory= inflate= \
    inflate-ratio= xml-depth= xml-text= h2-streams= tunnels= calls= findings=

complete -c umtrace -s V -l view -x -a 'calls messages http streams summary' -d 'What is told'
complete -c umtrace -s F -l format -x -a 'text json ndjson csv html' -d 'How it is told'
complete -c umtrace -s o -l output -r -F -d 'Write to this file'
complete -c umtrace -s c -l call -x -d 'This call alone'
complete -c umtrace -l since -x -d 'What happened since'
complete -c umtrace -l until -x -d 'What happened until'
complete -c umtrace -s f -l filter -x -d 'Packets that match'
complete -c umtrace -s k -l keylog -r -F -d 'TLS secrets'
complete -c umtrace -l tls-key -r -F -d 'RSA private key of the server'
complete -c umtrace -s i -l interface -x -a 'any (command ls /sys/class/net 2>/dev/null)' -d 'Packets of a network interface'
complete -c umtrace -l follow -d 'Each change of state, the moment it is known'
complete -c umtrace -l from-messages -d 'Captures are lines of earlier runs'
complete -c umtrace -l extract -r -F -d 'The packets of the calls shown'
complete -c umtrace -l redact -d 'Leave out what is private'
complete -c umtrace -l slow -x -d 'Seconds: a slower reply is slow'
complete -c umtrace -l stuck-after -x -d 'Seconds: a call that stays longer is stuck'
complete -c umtrace -l poll-gap -x -d 'Seconds: longer without a poll is a gap'
complete -c umtrace -l limit -x -a "$limits" -d 'A ceiling'
complete -c umtrace -l fail-on -x -a 'error warning note' -d 'Exit status 1 from this severity on'
complete -c umtrace -s q -l quiet -d 'No messages about captures'
complete -c umtrace -s v -l verbose -d 'What was counted'
complete -c umtrace -l progress -d 'How far reading is'
complete -c umtrace -l local -d 'Times in local time'
complete -c umtrace -l color -x -a 'auto always never' -d Colours
complete -c umtrace -s h -l help -d Help
complete -c umtrace -l version -d Version
