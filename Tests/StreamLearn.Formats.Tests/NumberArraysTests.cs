using System.Text.Json;

namespace StreamLearn.Formats.Tests;

/// <summary>The scanner beside <see cref="Utf8JsonReader"/> and <c>Parse</c>: the same texts accepted, the same bits.</summary>
public sealed class NumberArraysTests
{
    private const int Short = 100_000, Long = 10_000_000;
    private static readonly JsonFormat Floats = Payloads.Single("$[*]");
    private static readonly JsonFormat Doubles = Of(ColumnType.Float64);
    private static readonly JsonFormat Integers = Of(ColumnType.Int64);

    [Fact]
    public void Scanner_accepts_what_the_framework_accepts_and_gives_the_same_bits()
    {
        var texts = new NumberTexts(seed: 5);
        var pool = new BatchPool();
        var accepted = 0;
        var count = LongForm.IsAsked ? Long : Short;
        for (var i = 0; i < count; i++)
        {
            if (Compare(texts.Next(), pool)) { accepted++; }
        }
        Assert.InRange(accepted, count / 4, count * 3 / 4);       // both sides are met often
    }

    [Theory]
    [InlineData("[0.1,-0.0,0,-0,1e0,1E5,1e-5,16777217,16777216,33554435,9007199254740993]")]
    [InlineData("[1.00000017881393432617187499,1.00000017881393432617187500,1.00000017881393432617187501]")]
    [InlineData("[3.4028234663852886e38,3.4028235677973366e+38,1.401298464324817e-45,7.006492321624085e-46,0.7e-45,1e-400]")]
    [InlineData("[2.2250738585072014e-308,4.9406564584124654e-324,1.7976931348623157e308]")]
    [InlineData("[1234567890123456,12345678901234567,123456789012345678,1234567890123456789,12345678901234567890,0.1234567890123456789]")]
    [InlineData("[ 1 , 2\t,\r\n3 ]")]
    [InlineData("[0.00000000000000000000000000000000000000000000000000001e60,1e00000000000000000001,0e999999999999]")]
    [InlineData("[9223372036854775807,-9223372036854775808]")]
    [InlineData("[1448997445238699,0.500000000000000166533453693773481063544750213623046875,9007199254740992.5]")]
    public void Numbers_at_the_edges_have_the_bits_of_parse(string text) => Compare(Encoding.UTF8.GetBytes(text), new());

    [Theory, InlineData("[01]"), InlineData("[-01]"), InlineData("[1.]"), InlineData("[.5]"), InlineData("[+1]"), InlineData("[-]")]
    [InlineData("[1e]"), InlineData("[1e+]"), InlineData("[1,]"), InlineData("[,1]"), InlineData("[1 2]"), InlineData("[1")]
    [InlineData("[1,"), InlineData("[1.2.3]"), InlineData("[0x1]"), InlineData("[1_0]"), InlineData("[NaN]"), InlineData("[Infinity]")]
    [InlineData("[1]]"), InlineData("[1]1"), InlineData("[1}"), InlineData("[1\f,2]"), InlineData("[--1]"), InlineData("[1e5e5]")]
    public void What_is_no_number_is_bad_json_wherever_it_stands(string text)
    {
        foreach (var before in new[] { "", "1.25,", "1.25, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,", new string(' ', 50) })
        {
            foreach (var behind in new[] { "", new string(' ', 50) })
            {
                var refusal = Payloads.Refused(Floats, Payloads.Bytes($"[{before}{text[1..]}{behind}"));
                Assert.Equal(RefusalReason.BadJson, refusal.Reason);
            }
        }
    }

    [Fact]
    public void Eight_digits_become_their_number()
    {
        foreach (var number in new uint[] { 0, 1, 10, 12_345_678, 87_654_321, 99_999_999, 90_000_009 })
        {
            var bytes = Encoding.ASCII.GetBytes(number.ToString("D8", CultureInfo.InvariantCulture));
            Assert.Equal(number, NumberBlock.EightDigits(BitConverter.ToUInt64(bytes) - 0x3030_3030_3030_3030));
        }
    }

    [Fact]
    public void Products_of_128_bits_round_like_parse()
    {
        var random = new RandomStream(3, "products");
        for (var i = 0; i < Short; i++)
        {
            var digits = Math.Max(random.NextUInt64() >> random.NextInt32(50), 1);
            var power = PowersOfTen.MinFive + random.NextInt32(PowersOfTen.MaxFive - PowersOfTen.MinFive + 1);
            Assert.True(DoubleNumbers.TryProduct(digits, power, out var value));
            Assert.Equal(double.Parse($"{digits}e{power}", CultureInfo.InvariantCulture), value);
        }
    }

    /// <summary>Reads a text both ways. True if it was accepted as floats.</summary>
    private static bool Compare(byte[] text, BatchPool pool)
    {
        var bytes = new ReadOnlySequence<byte>(text);
        var expected = Expected(text);
        var floats = expected?.Select(t => float.Parse(t, CultureInfo.InvariantCulture)).ToList();
        var doubles = expected?.Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToList();
        Same(text, floats is null || !floats.TrueForAll(float.IsFinite) ? null : floats.Select(BitConverter.SingleToInt32Bits),
            Read(Floats, bytes, pool, (float[] v) => v.Select(BitConverter.SingleToInt32Bits)));
        Same(text, doubles is null || !doubles.TrueForAll(double.IsFinite) ? null : doubles.Select(BitConverter.DoubleToInt64Bits),
            Read(Doubles, bytes, pool, (double[] v) => v.Select(BitConverter.DoubleToInt64Bits)));
        var whole = expected is not null && expected.TrueForAll(IsInteger);
        Same(text, whole ? expected!.Select(t => long.Parse(t, CultureInfo.InvariantCulture)) : null,
            Read(Integers, bytes, pool, (long[] v) => v.AsEnumerable()));
        return floats is not null;
    }

    private static bool IsInteger(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static void Same<T>(byte[] text, IEnumerable<T>? expected, IEnumerable<T>? got)
    {
        if (expected is null ? got is null : got is not null && expected.SequenceEqual(got)) { return; }
        Assert.Fail($"{Encoding.Latin1.GetString(text)}: expected {Show(expected)}, got {Show(got)}");
    }

    private static string Show<T>(IEnumerable<T>? values) => values is null ? "a refusal" : string.Join(' ', values);

    private static IEnumerable<TBits>? Read<T, TBits>(
        JsonFormat format, in ReadOnlySequence<byte> bytes, BatchPool pool, Func<T[], IEnumerable<TBits>> bits)
        where T : unmanaged
    {
        if (!format.TryDecode(bytes, pool, out var batch)) { return null; }
        using (batch) { return bits(batch["x"].Values<T>().ToArray()); }
    }

    /// <summary>The texts of the numbers if the framework finds an array of numbers and nothing else.</summary>
    private static List<string>? Expected(byte[] text)
    {
        var numbers = new List<string>();
        var reader = new Utf8JsonReader(text);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) { return null; }
            while (reader.Read() && reader.TokenType == JsonTokenType.Number) { numbers.Add(Encoding.ASCII.GetString(reader.ValueSpan)); }
            return reader.TokenType == JsonTokenType.EndArray && !reader.Read() ? numbers : null;
        }
        catch (JsonException) { return null; }
    }

    private static JsonFormat Of(ColumnType type) => new(new() { Columns = [new(new("x", type, Unit.One), "$[*]")] });
}
