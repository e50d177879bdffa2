/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block by block: paragraphs and list items; inside them marks that open and close. */
#include "offline/report/finding_page.h"

#include "offline/report/assets.h"

struct um_span
um_finding_page(enum um_finding_name name)
{
    struct um_span left = um_assets_findings;
    while (left.len > 0) {
        struct um_span line = um_span_split(&left, '\n');
        if (!um_span_starts(line, um_span_text("### ")) ||
            !um_span_equal(um_span_from(line, 4), um_span_text(um_finding_text(name))))
            continue;
        struct um_span next = um_span_first(left, um_span_search(left, um_span_text("\n##")));
        return um_span_trim(next);
    }
    return um_span_of(NULL, 0);
}

/* ---- inside a paragraph ---- */

struct inline_text {
    struct um_html *html;
    const bool *linked;
    bool emphasis, strong;
};

static bool
is_linked(const struct inline_text *text, struct um_span target)
{
    enum um_finding_name name = um_finding_of(um_span_from(target, 1));
    return target.len > 0 && target.data[0] == '#' && name < UM_FINDING_COUNT && text->linked[name];
}

/* "[text](target)" at the front of `left`: writes it and moves past it. */
static void
write_link(struct inline_text *text, struct um_span *left)
{
    struct um_span label = um_span_from(*left, 1);
    struct um_span rest = label;
    label = um_span_split(&rest, ']');
    if (rest.len == 0 || rest.data[0] != '(') {
        um_html_add(text->html, "[");
        *left = um_span_from(*left, 1);
        return;
    }
    rest = um_span_from(rest, 1);
    struct um_span target = um_span_split(&rest, ')');
    bool linked = is_linked(text, target);
    if (linked) {
        um_html_add(text->html, "<a href=\"#finding-");
        um_html_text(text->html, um_span_from(target, 1));
        um_html_add(text->html, "\">");
    }
    um_html_text(text->html, label);
    um_html_add(text->html, linked ? "</a>" : "");
    *left = rest;
}

static void
write_code(struct inline_text *text, struct um_span *left)
{
    *left = um_span_from(*left, 1);
    um_html_add(text->html, "<code>");
    um_html_text(text->html, um_span_split(left, '`'));
    um_html_add(text->html, "</code>");
}

/* "**" or "*": opens, or closes what is open. */
static void
write_mark(struct inline_text *text, struct um_span *left)
{
    bool is_strong = um_span_starts(*left, um_span_text("**"));
    bool *open = is_strong ? &text->strong : &text->emphasis;
    um_html_add(text->html, "<%s%s>", *open ? "/" : "", is_strong ? "strong" : "em");
    *open = !*open;
    *left = um_span_from(*left, is_strong ? 2 : 1);
}

static size_t
find_mark(struct um_span text)
{
    size_t at = 0;
    while (at < text.len && text.data[at] != '*' && text.data[at] != '`' && text.data[at] != '[')
        at++;
    return at;
}

static void
write_inline(struct inline_text *text, struct um_span left)
{
    while (left.len > 0) {
        size_t plain = find_mark(left);
        um_html_text(text->html, um_span_first(left, plain));
        left = um_span_from(left, plain);
        if (left.len == 0)
            break;
        if (left.data[0] == '[')
            write_link(text, &left);
        else if (left.data[0] == '`')
            write_code(text, &left);
        else
            write_mark(text, &left);
    }
}

/* ---- paragraphs and lists ---- */

/* Takes lines off `left` up to an empty one or a new list item: one block, its line ends in it. */
static struct um_span
take_block(struct um_span *left)
{
    struct um_span block = *left, rest = *left;
    size_t len = 0;
    while (rest.len > 0) {
        struct um_span line = um_span_split(&rest, '\n');
        if (line.len == 0 || (len > 0 && um_span_starts(line, um_span_text("- "))))
            break;
        len = (size_t)(line.data + line.len - block.data);
        *left = rest;
    }
    block.len = len;
    return block;
}

/* A link or a mark may go over a line's end, so line ends are turned to spaces first. */
static void
write_block(struct um_html *html, struct um_span block, const bool *linked)
{
    struct inline_text text = {.html = html, .linked = linked};
    struct um_buf joined = {0};
    while (block.len > 0 && !html->err) {
        html->err = um_buf_append(&joined, um_span_trim(um_span_split(&block, '\n')));
        if (!html->err && block.len > 0)
            html->err = um_buf_append(&joined, um_span_of(" ", 1));
    }
    if (!html->err)
        write_inline(&text, um_buf_span(&joined));
    um_buf_done(&joined);
}

void
um_finding_page_write(struct um_html *html, struct um_span markdown,
                      const bool linked[UM_FINDING_COUNT])
{
    bool in_list = false;
    while (markdown.len > 0 && !html->err) {
        if (markdown.data[0] == '\n') {
            markdown = um_span_from(markdown, 1);
            continue;
        }
        struct um_span block = take_block(&markdown);
        bool is_item = um_span_starts(block, um_span_text("- "));
        if (is_item != in_list)
            um_html_add(html, is_item ? "<ul>" : "</ul>");
        in_list = is_item;
        um_html_add(html, is_item ? "<li>" : "<p>");
        write_block(html, is_item ? um_span_from(block, 2) : block, linked);
        um_html_add(html, is_item ? "</li>\n" : "</p>\n");
    }
    if (in_list)
        um_html_add(html, "</ul>");
}
