/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of nodes that live inside what they order: the list itself is one node of the ring. */
#ifndef UM_NET_LIST_H
#define UM_NET_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct um_list {
    struct um_list *prev;
    struct um_list *next;
};

/* The struct of `type` whose `member` the node is. */
#define UM_LIST_ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* An empty list, or a node in no list. */
static inline void
um_list_init(struct um_list *list)
{
    list->prev = list->next = list;
}

static inline bool
um_list_is_empty(const struct um_list *list)
{
    return list->next == list;
}

static inline void
um_list_append(struct um_list *list, struct um_list *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

/* Takes a node out of the list it is in; one in no list stays so. */
static inline void
um_list_remove(struct um_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    um_list_init(node);
}

#endif
