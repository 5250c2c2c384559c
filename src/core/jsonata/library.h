/*
 * library.h
 *	  The functions of the language, by group; functions.c has the table.
 */
#ifndef SFN_JSONATA_LIBRARY_H
#define SFN_JSONATA_LIBRARY_H

#include "jsonata/runtime.h"

#define LIBRARY_FUNCTION(name) extern const JsonVal *name(Call *call)

/* fn_string.c */
LIBRARY_FUNCTION(fn_string);
LIBRARY_FUNCTION(fn_length);
LIBRARY_FUNCTION(fn_substring);
LIBRARY_FUNCTION(fn_substring_before);
LIBRARY_FUNCTION(fn_substring_after);
LIBRARY_FUNCTION(fn_uppercase);
LIBRARY_FUNCTION(fn_lowercase);
LIBRARY_FUNCTION(fn_trim);
LIBRARY_FUNCTION(fn_pad);
LIBRARY_FUNCTION(fn_join);

/* fn_match.c */
LIBRARY_FUNCTION(fn_contains);
LIBRARY_FUNCTION(fn_match);
LIBRARY_FUNCTION(fn_split);
LIBRARY_FUNCTION(fn_replace);

/* fn_encoding.c */
LIBRARY_FUNCTION(fn_base64_encode);
LIBRARY_FUNCTION(fn_base64_decode);
LIBRARY_FUNCTION(fn_encode_url);
LIBRARY_FUNCTION(fn_encode_url_component);
LIBRARY_FUNCTION(fn_decode_url);
LIBRARY_FUNCTION(fn_decode_url_component);

/* fn_numeric.c */
LIBRARY_FUNCTION(fn_number);
LIBRARY_FUNCTION(fn_abs);
LIBRARY_FUNCTION(fn_floor);
LIBRARY_FUNCTION(fn_ceil);
LIBRARY_FUNCTION(fn_round);
LIBRARY_FUNCTION(fn_power);
LIBRARY_FUNCTION(fn_sqrt);
LIBRARY_FUNCTION(fn_random);
LIBRARY_FUNCTION(fn_format_base);
LIBRARY_FUNCTION(fn_sum);
LIBRARY_FUNCTION(fn_max);
LIBRARY_FUNCTION(fn_min);
LIBRARY_FUNCTION(fn_average);
extern double jn_round_half_even(double value, int precision);

/* picture_number.c, picture_integer.c, picture_date.c */
LIBRARY_FUNCTION(fn_format_number);
LIBRARY_FUNCTION(fn_format_integer);
LIBRARY_FUNCTION(fn_parse_integer);
LIBRARY_FUNCTION(fn_now);
LIBRARY_FUNCTION(fn_millis);
LIBRARY_FUNCTION(fn_from_millis);
LIBRARY_FUNCTION(fn_to_millis);

/* fn_boolean.c */
LIBRARY_FUNCTION(fn_boolean);
LIBRARY_FUNCTION(fn_not);
LIBRARY_FUNCTION(fn_exists);
LIBRARY_FUNCTION(fn_type);
LIBRARY_FUNCTION(fn_error);
LIBRARY_FUNCTION(fn_assert);
LIBRARY_FUNCTION(fn_eval);

/* fn_array.c */
LIBRARY_FUNCTION(fn_count);
LIBRARY_FUNCTION(fn_append);
LIBRARY_FUNCTION(fn_sort);
LIBRARY_FUNCTION(fn_reverse);
LIBRARY_FUNCTION(fn_shuffle);
LIBRARY_FUNCTION(fn_distinct);
LIBRARY_FUNCTION(fn_zip);

/* fn_object.c */
LIBRARY_FUNCTION(fn_keys);
LIBRARY_FUNCTION(fn_lookup);
LIBRARY_FUNCTION(fn_spread);
LIBRARY_FUNCTION(fn_merge);
LIBRARY_FUNCTION(fn_sift);
LIBRARY_FUNCTION(fn_each);
LIBRARY_FUNCTION(fn_clone);

/* fn_higher_order.c */
LIBRARY_FUNCTION(fn_map);
LIBRARY_FUNCTION(fn_filter);
LIBRARY_FUNCTION(fn_single);
LIBRARY_FUNCTION(fn_reduce);

/* fn_aws.c */
LIBRARY_FUNCTION(fn_partition);
LIBRARY_FUNCTION(fn_range);
LIBRARY_FUNCTION(fn_hash);
LIBRARY_FUNCTION(fn_uuid);
LIBRARY_FUNCTION(fn_parse);
LIBRARY_FUNCTION(fn_random_seeded);

#endif /* SFN_JSONATA_LIBRARY_H */
