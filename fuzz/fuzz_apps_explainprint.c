/* The first byte says as what the rest is explained; then it is printed, for programs and for
 * people. The object is UTF-8 that JSON can hold, and has either a summary or an error whose offset
 * lies in the message (docs/cli.md). */
#include <string.h>

#include "apps/explainprint.h"
#include "apps/explaintypes.h"
#include "fuzz/fuzz.h"

/* explain_print writes to stdout: that is not to be seen, nor to cost much. */
static void silence(void)
{
    static bool silent;
    if (!silent) FUZZ_CHECK(freopen("/dev/null", "w", stdout) != NULL);
    silent = true;
}

static void check_object(json_t *object, size_t len)
{
    const json_t *error = json_object_get(object, "error");
    char *text = json_dumps(object, 0);
    FUZZ_CHECK(text != NULL);
    json_error_t why;
    json_t *again = json_loads(text, JSON_ALLOW_NUL, &why);
    FUZZ_CHECK(again && json_equal(again, object));
    json_decref(again);
    free(text);
    if (error) {
        json_int_t offset = json_integer_value(json_object_get(error, "offset"));
        FUZZ_CHECK(offset >= 0 && (size_t)offset <= len);
        FUZZ_CHECK(json_string_length(json_object_get(error, "message")) > 0);
        FUZZ_CHECK(json_string_length(json_object_get(error, "code")) > 0);
        return;
    }
    FUZZ_CHECK(json_string_length(json_object_get(object, "summary")) > 0);
    FUZZ_CHECK(json_integer_value(json_object_get(object, "length")) == (json_int_t)len);
    FUZZ_CHECK(json_is_array(json_object_get(object, "fields")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct explain_page pages[] = {{40, false, false}, {100, true, true}};
    static const struct explain_options options;
    size_t types = 0;
    if (n == 0) return 0;
    silence();
    struct bytes message = {data + 1, n - 1};
    const char *guessed = explain_type_guess(message);
    while (explain_type_at(types)) types++;
    FUZZ_CHECK(types > 0);
    const char *type = data[0] == 255 && guessed ? guessed : explain_type_at(data[0] % types);
    FUZZ_CHECK(explain_type_named(type) == type);
    struct explain *x = explain_make(type, message, &options);
    FUZZ_CHECK(x != NULL);
    json_t *object = explain_json(x);
    FUZZ_CHECK(object != NULL);
    check_object(object, message.len);
    json_decref(object);
    for (size_t i = 0; i < COUNT(pages); i++) explain_print(x, &pages[i]);
    explain_free(x);
    return 0;
}
