# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a C file of the files that the HTML report is built from, with the digests that its content
# security policy names: cmake -D OUT=assets.c -D CSS=... -D JS=... -D FINDINGS=... -P embed.cmake

# The base64 of a digest given in hexadecimal: three bytes are four characters.
function(base64 hex out)
    set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
    set(text "")
    string(LENGTH "${hex}" length)
    foreach(at RANGE 0 ${length} 6)
        string(SUBSTRING "${hex}" ${at} 6 digits)
        string(LENGTH "${digits}" count)
        if(count EQUAL 0)
            break()
        endif()
        string(SUBSTRING "${digits}00000" 0 6 padded)
        math(EXPR value "0x${padded}")
        math(EXPR characters "(${count} / 2) + 1")
        foreach(shift 18 12 6 0)
            if(characters GREATER 0)
                math(EXPR index "(${value} >> ${shift}) & 63")
                string(SUBSTRING ${alphabet} ${index} 1 character)
            else()
                set(character "=")
            endif()
            string(APPEND text "${character}")
            math(EXPR characters "${characters} - 1")
        endforeach()
    endforeach()
    set(${out} "${text}" PARENT_SCOPE)
endfunction()

# One file as an array, and a view of it.
function(embed name path)
    file(READ ${path} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    file(APPEND ${OUT} "static const uint8_t ${name}[] = {\n${bytes}\n};\n"
        "const struct um_span um_assets_${name} = {${name}, sizeof ${name}};\n\n")
endfunction()

function(embed_digest name path)
    file(SHA256 ${path} hex)
    base64(${hex} text)
    file(APPEND ${OUT} "const char um_assets_${name}_digest[] = \"sha256-${text}\";\n\n")
endfunction()

file(WRITE ${OUT} "/* Made by embed.cmake. */\n#include \"offline/report/assets.h\"\n\n")
embed(css ${CSS})
embed(js ${JS})
embed(findings ${FINDINGS})
embed_digest(css ${CSS})
embed_digest(js ${JS})
