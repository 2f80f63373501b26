namespace StreamLearn.Formats.Tests;

public sealed class TimeTests
{
    private const long Noon = 1_772_366_400_000_000_000;    // 2026-03-01T12:00:00Z

    [Theory]
    [InlineData("2026-03-01T12:00:00Z", Noon)]
    [InlineData("2026-03-01t12:00:00z", Noon)]
    [InlineData("2026-03-01 12:00:00", Noon)]
    [InlineData("2026-03-01T12:00:00.1Z", Noon + 100_000_000)]
    [InlineData("2026-03-01T12:00:00.1234567891", Noon + 123_456_789)]
    [InlineData("2026-03-01T13:30:00+01:30", Noon)]
    [InlineData("2026-03-01T13:00:00.5+0100", Noon + 500_000_000)]
    [InlineData("2026-03-01T13:00:00+01", Noon)]
    [InlineData("2026-03-01 13:00 +01:00", Noon)]
    [InlineData("2026-03-01 12:00:00,25 UTC", Noon + 250_000_000)]
    [InlineData("2026-02-28T23:00:00-13:00", Noon)]
    [InlineData("1969-12-31T23:59:59.999999999Z", -1)]
    [InlineData("2262-04-11T23:47:16.854775807Z", long.MaxValue)]
    [InlineData("1677-09-21T00:12:43.145224192Z", long.MinValue)]
    public void Text_becomes_nanoseconds(string text, long expected)
    {
        Assert.True(IsoTime.TryRead(Encoding.UTF8.GetBytes(text), out var nanoseconds));
        Assert.Equal(expected, nanoseconds);
        Span<byte> written = stackalloc byte[IsoTime.Length];
        IsoTime.Write(expected, written);
        Assert.True(IsoTime.TryRead(written, out nanoseconds));
        Assert.Equal(expected, nanoseconds);
    }

    [Theory, InlineData(""), InlineData("2026-03-01"), InlineData("2026-02-29T12:00:00Z"), InlineData("2026-13-01T12:00:00Z")]
    [InlineData("2026-00-01T12:00:00Z"), InlineData("0000-01-01T12:00:00Z"), InlineData("2026-03-01T24:00:00Z")]
    [InlineData("2026-03-01T12:60:00Z"), InlineData("2026-03-01T12:00:60Z"), InlineData("2026-03-01T12:00:00.Z")]
    [InlineData("2026-03-01T12:00:00+1:00"), InlineData("2026-03-01T12:00:00+24:00"), InlineData("2026-03-01T12:00:00+010")]
    [InlineData("2026-03-01T12:00:0"), InlineData("2026-03-01T12:00:"), InlineData("2026-03-01T12:00:00 ")]
    [InlineData("2026-03-01T12:00:00ZZ"), InlineData("2026/03/01T12:00:00Z"), InlineData("2026-03-01x12:00:00Z")]
    [InlineData("+026-03-01T12:00:00Z"), InlineData("2262-04-11T23:47:16.854775808Z"), InlineData("1677-09-21T00:12:43.145224191Z")]
    public void What_is_no_time_is_refused(string text) => Assert.False(IsoTime.TryRead(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("2026-03-01T13:00:00\\u002B01:00", Noon)]
    [InlineData("2026\\u002d03-01T12:00:00\\u005a", Noon)]
    [InlineData("2026-03-01T13:00:00\\u002B01", Noon)]
    [InlineData("2026-03-01T13:00:00\\u002B1", null)]
    [InlineData("2026-03-01T12:00:00\\ud800", null)]
    [InlineData("2026-03-01T12:00:00\\n", null)]
    public void A_time_may_be_written_with_escapes(string text, long? expected)
    {
        var format = new JsonFormat(new() { Columns = [], Time = new("$[*]") });
        var read = format.TryDecode(Payloads.Bytes($"[\"{text}\"]"), new(guard: true), out var batch, out _);
        Assert.Equal(expected, read ? batch!["time"].Values<long>()[0] : null);
        batch?.Dispose();
    }

    [Fact]
    public void A_time_of_more_escapes_than_a_time_needs_is_refused()
    {
        var format = new JsonFormat(new() { Columns = [], Time = new("$[*]") });
        string Escaped(int zeros) => $"[\"2026-03-01T12:00:00.0{new string('0', zeros)}\\u005a\"]";      // 28 bytes beside the zeros
        Assert.True(format.TryDecode(Payloads.Bytes(Escaped(229)), new(guard: true), out var batch, out _));
        batch!.Dispose();
        Assert.Equal(RefusalReason.BadTime, Payloads.Refused(format, Payloads.Bytes(Escaped(230))).Reason);
    }

    [Fact]
    public void Without_rows_a_rate_gives_no_times()
    {
        var format = new JsonFormat(new()
        {
            Columns = [JsonColumn.Channel("x", "$.x[*]")],
            Time = new("$.ts", TimeUnit.Seconds, SamplesPerSecond: 50),
        });
        Assert.True(format.TryDecode(Payloads.Bytes("""{"ts":1,"x":[]}"""), new(guard: true), out var batch, out _));
        Assert.Equal(0, batch!.Rows);
        batch.Dispose();
    }

    [Theory]
    [InlineData("1772366400.123456789", TimeUnit.Seconds, Noon + 123_456_789)]
    [InlineData("1772366400.1234567899999999999", TimeUnit.Seconds, Noon + 123_456_789)]
    [InlineData("1.7723664e9", TimeUnit.Seconds, Noon)]
    [InlineData("1772366400000.000001", TimeUnit.Milliseconds, Noon + 1)]
    [InlineData("1772366400000000", TimeUnit.Microseconds, Noon)]
    [InlineData("1772366400000000000", TimeUnit.Nanoseconds, Noon)]
    [InlineData("-0.0000000019", TimeUnit.Seconds, -1L)]
    [InlineData("0e99999", TimeUnit.Seconds, 0L)]
    [InlineData("1e-99999", TimeUnit.Seconds, 0L)]
    [InlineData("9223372036.854775807", TimeUnit.Seconds, long.MaxValue)]
    [InlineData("-9223372036.854775808", TimeUnit.Seconds, long.MinValue)]
    [InlineData("9223372036.854775808", TimeUnit.Seconds, null)]
    [InlineData("1e30", TimeUnit.Nanoseconds, null)]
    public void Numbers_become_nanoseconds_without_a_rounding(string text, TimeUnit unit, long? expected)
    {
        foreach (var json in new[] { $"[{text}]", $"[{text}{new string(' ', 50)}]" })
        {
            var format = new JsonFormat(new() { Columns = [], Time = new("$[*]", unit) });
            var read = format.TryDecode(Payloads.Bytes(json), new(), out var batch, out var refusal);
            Assert.Equal(expected, read ? batch!["time"].Values<long>()[0] : null);
            Assert.Equal(expected is null ? RefusalReason.BadTime : RefusalReason.None, refusal.Reason);
        }
    }
}
