namespace StreamLearn.Formats.Tests;

public sealed class JsonSuggestionTests
{
    [Theory]
    [InlineData("""{"dev":"p","ts":1772366400123,"accel":{"x":0.5,"y":1},"on":true,"id":123456789}""", """
        time int64 [ns] <- $.ts, milliseconds
        accel_x float32 [1] <- $.accel.x
        accel_y float32 [1] <- $.accel.y
        on int32 [1] <- $.on
        id int64 [1] <- $.id
        left out: $.dev, a string

        """)]
    [InlineData("""{"window":[[1,2,3],[4,5,6]],"at":"2026-03-01T12:00:00Z","other":[1]}""", """
        time int64 [ns] <- $.at, iso8601
        window_0 float32 [1] <- $.window[0][*]
        window_1 float32 [1] <- $.window[1][*]
        left out: $.other[*], an array of another length

        """)]
    [InlineData("""{"ts":1772366400,"readings":[{"t":1772366400.5,"v":1},{"t":1772366401,"v":null,"w":2}]}""", """
        time int64 [ns] <- $.readings[*].t, seconds
        ts int64 [1] <- $.ts
        readings_v float32? [1] <- $.readings[*].v
        readings_w float32? [1] <- $.readings[*].w

        """)]
    [InlineData("""[[1,2],[3,4],[5,6]]""", """
        0 float32 [1] <- $[*][0]
        1 float32 [1] <- $[*][1]

        """)]
    [InlineData("""{"time":7,"a b":[1,2],"c":[3,4]}""", """
        time_2 float32 [1] <- $.time
        a b float32 [1] <- $['a b'][*]
        c float32 [1] <- $.c[*]

        """)]
    [InlineData("21.5", """
        value float32 [1] <- $

        """)]
    public void Suggested_map_says_what_columns_there_are_and_reads_the_payload(string text, string expected)
    {
        Assert.True(JsonSuggestion.TryMake(Encoding.UTF8.GetBytes(text), out var suggestion, out _));
        Assert.Equal(expected.ReplaceLineEndings("\n"), suggestion!.ToString());
        Assert.True(new JsonFormat(suggestion.Options).TryDecode(Payloads.Bytes(text), new(), out _, out var refusal), refusal.ToString());
    }

    [Theory]
    [InlineData("[20.{0}, 1000.{0}]", "0 float32 [1] <- $[0]", "1 float32 [1] <- $[1]")]
    [InlineData("{{\"v\":[0.{0}, -9.8, 55]}}", "v_0 float32 [1] <- $.v[0]", "v_1 float32 [1] <- $.v[1]", "v_2 float32 [1] <- $.v[2]")]
    [InlineData("[{0}, 3, 5]", "value float32 [1] <- $[*]")]
    public void Places_of_an_array_that_differ_in_all_payloads_are_columns(string text, params string[] expected)
    {
        Assert.True(JsonSuggestion.TryMake(Enumerable.Range(0, 10).Select(i => new ReadOnlyMemory<byte>(
            Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, text, i)))), out var suggestion, out _));
        Assert.Equal(expected, suggestion!.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("{", RefusalReason.BadJson)]
    [InlineData("{}", RefusalReason.MissingPath)]
    [InlineData("""{"a":"text","b":[null]}""", RefusalReason.MissingPath)]
    [InlineData("[]", RefusalReason.MissingPath)]
    public void Payload_without_numbers_has_no_map(string text, RefusalReason expected)
    {
        Assert.False(JsonSuggestion.TryMake(Encoding.UTF8.GetBytes(text), out var suggestion, out var refusal));
        Assert.Null(suggestion);
        Assert.Equal(expected, refusal.Reason);
    }

    [Fact]
    public void A_number_that_is_of_another_type_in_a_tenth_of_the_payloads_is_a_column_and_a_time_or_a_large_number_is_none()
    {
        static string Text(int i) => FormattableString.Invariant(
            $$"""
            {"v":[1,{{Bad(i < 1, i)}},3],"w":{{Bad(i < 2, i)}},"ts":{{Bad(i < 1, 1_772_366_400 + i)}},"id":{{Bad(i < 1, 99_999_999)}}}
            """);
        static string Bad(bool isBad, int good) => isBad ? "\"none\"" : FormattableString.Invariant($"{good}");

        Assert.True(JsonSuggestion.TryMake(Enumerable.Range(0, 10).Select(static i =>
            new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(Text(i)))), out var suggestion, out _));

        Assert.Equal("""
            v float32 [1] <- $.v[*]
            left out: $.w, values of different types
            left out: $.ts, values of different types
            left out: $.id, values of different types

            """.ReplaceLineEndings("\n"), suggestion!.ToString());
        Assert.Equal([new("$.v[*]", 1)], suggestion.OtherTypes);
        var format = new JsonFormat(suggestion.Options);
        Assert.False(format.TryDecode(Payloads.Bytes(Text(0)), new(), out _, out var refusal));
        Assert.Equal((RefusalReason.WrongType, "v"), (refusal.Reason, refusal.Column));
        Assert.True(format.TryDecode(Payloads.Bytes(Text(1)), new(), out _));
    }

    [Fact]
    public void Many_payloads_give_what_is_in_any_of_them_and_say_why_the_rest_is_left_out()
    {
        string[] texts =
        [
            """{"ts":1772366400,"x":1,"y":null,"mode":"auto","odd":1,"late":1772366400,"time":null}""",
            "no JSON",
            """{"ts":1772366401,"x":2,"y":3,"mode":"auto","odd":"none","never":null,"time":1772366400}""",
            """{"ts":1772366402,"x":3,"z":4,"at":"2026-03-01T12:00:00Z"}""",
        ];

        Assert.True(JsonSuggestion.TryMake(texts.Select(static t => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(t))),
            out var suggestion, out _));

        Assert.Equal("""
            time int64 [ns] <- $.ts, seconds
            x float32 [1] <- $.x
            y float32? [1] <- $.y
            late int64? [1] <- $.late
            z float32? [1] <- $.z
            left out: $.mode, a string
            left out: $.odd, values of different types
            left out: $.time, a time that is missing in 2 of 3 rows
            left out: $.never, always null
            left out: $.at, a time that is missing in 2 of 3 rows

            """.ReplaceLineEndings("\n"), suggestion!.ToString());
    }
}
