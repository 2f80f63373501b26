using System.Buffers;
using System.Text;

namespace StreamLearn.Programs.Tests;

public sealed class LabelSpanTests
{
    [Fact]
    public void What_is_written_is_small_json_and_read_again()
    {
        var buffer = new ArrayBufferWriter<byte>();
        LabelSpan span = new("pump-7", "worn", new(2026, 3, 1, 13, 0, 0, TimeSpan.FromHours(1)), new(2026, 3, 1, 12, 30, 0, 500, default));
        LabelSpan.Codec.Encode(span, buffer);

        Assert.Equal("""{"device":"pump-7","class":"worn","from":"2026-03-01T12:00:00Z","to":"2026-03-01T12:30:00.5Z"}""",
            Encoding.UTF8.GetString(buffer.WrittenSpan));
        Assert.True(LabelSpan.Codec.TryDecode(new(buffer.WrittenMemory), new(), out var read));
        Assert.Equal(span, read);
    }

    [Theory]
    [InlineData("""{"device":"d","class":"c","from":"2026-03-01T12:00","to":"2026-03-01 12:30+01:00","by":"a person"}""", true)]
    [InlineData("""{"device":"d","class":"c","from":"2026-03-01T12:00"}""", false)]
    [InlineData("""{"device":"d","class":"","from":"2026-03-01T12:00","to":"2026-03-01T12:00"}""", false)]
    [InlineData("""{"device":"d","class":"c","from":5,"to":"2026-03-01T12:00"}""", false)]
    [InlineData("""{"device":"d","class":"c","from":"soon","to":"2026-03-01T12:00"}""", false)]
    [InlineData("""{"device":"d","class":"\ud800","from":"2026-03-01T12:00","to":"2026-03-01T12:01"}""", false)]
    [InlineData("""{"device":"\udc00","class":"c","from":"2026-03-01T12:00","to":"2026-03-01T12:01"}""", false)]
    [InlineData("""{"device":"d","class":"c","from":"0001-01-01T00:00:00Z","to":"2026-03-01T12:01"}""", false)]
    [InlineData("""{"device":"d","class":"c","from":"2026-03-01T12:00","to":"9999-12-31T23:59:59Z"}""", false)]
    [InlineData("[]", false)]
    [InlineData("", false)]
    [InlineData("{", false)]
    public void A_message_of_another_form_is_refused(string text, bool expected) =>
        Assert.Equal(expected, LabelSpan.Codec.TryDecode(new(Encoding.UTF8.GetBytes(text)), new(), out _));
}
