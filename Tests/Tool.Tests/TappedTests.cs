using System.Text;

namespace Tool.Tests;

public sealed class TappedTests
{
    [Fact]
    public void An_envelope_is_an_object_with_all_that_it_says()
    {
        var envelope = new Envelope(new("pump-7", Sequence: 2, Epoch: 1), new(Round: 4, BaseVersion: 3, SchemaHash: 255))
        {
            Run = "line-2",
            Codec = "delta/1",
        };
        var line = Json(MessageOf("1"u8.ToArray(), envelope));

        Assert.Equal(
            """{"source":"pump-7","epoch":1,"sequence":2,"run":"line-2","codec":"delta/1","round":4,"base_version":3,"""
                + "\"schema\":\"00000000000000ff\"}",
            line.GetProperty("envelope").GetRawText());
        Assert.Equal("sl/a  1 B  delta/1 pump-7 1/2 version 3  1", Tapped.Text(MessageOf("1"u8.ToArray(), envelope), TapFormat.Text));
        Assert.False(Json(MessageOf("1"u8.ToArray(), null)).TryGetProperty("envelope", out _));
    }

    [Fact]
    public void Correlation_data_and_the_topic_of_the_answer_are_shown()
    {
        MessageProperties properties = new() { CorrelationData = new byte[] { 255, 0 }, ResponseTopic = "answers", ContentType = "x" };
        var line = Json(MessageOf("1"u8.ToArray(), null, properties));

        Assert.Equal(
            ("/wA=", "answers", "x", "[]"),
            (line.GetProperty("correlation").GetString(), line.GetProperty("response_topic").GetString(),
                line.GetProperty("content_type").GetString(), line.GetProperty("properties").GetRawText()));
        var inbox = Json(MessageOf("1"u8.ToArray(), null, properties with { ResponseTopic = "_INBOX/0a1b/p1" }));
        Assert.False(inbox.TryGetProperty("response_topic", out _));        // a publisher waits there for a stream
    }

    [Fact]
    public void Raw_as_a_line_is_base64() =>
        Assert.Equal("/wA=", Json(MessageOf([255, 0], null), TapFormat.Raw).GetProperty("payload").GetString());

    [Fact]
    public void Text_in_another_encoding_is_shown_as_text()
    {
        Assert.EndsWith("  21,5;°C", Tapped.Text(MessageOf([.. "21,5;"u8, 0xB0, (byte)'C'], null) with { Encoding = Encoding.Latin1 },
            TapFormat.Text), StringComparison.Ordinal);
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            var message = MessageOf([.. encoding.Preamble, .. encoding.GetBytes("21,5;°C")], null);
            Assert.EndsWith("  21,5;°C", Tapped.Text(message, TapFormat.Text), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, false)]
    [InlineData(33, true)]
    public void What_is_no_text_ends_in_dots_only_if_there_is_more(int bytes, bool isCut)
    {
        var line = Tapped.Text(MessageOf([.. Enumerable.Repeat((byte)255, bytes)], null), TapFormat.Text);

        Assert.EndsWith($"  0x{new string('f', 2 * Math.Min(bytes, 32))}{(isCut ? "..." : "")}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('\u200d', true)]
    [InlineData('\u200e', true)]
    [InlineData('\u200f', true)]
    [InlineData('\u2010', false)]
    [InlineData('\u2027', false)]
    [InlineData('\u2028', true)]
    [InlineData('\u202e', true)]
    [InlineData('\u202f', false)]
    [InlineData('\u2065', true)]
    [InlineData('\u2066', true)]
    [InlineData('\u2069', true)]
    [InlineData('\u206a', true)]
    [InlineData('\u007f', true)]
    public void Characters_that_steer_are_written_out(char character, bool isSteering)
    {
        var line = Tapped.Text(MessageOf(Encoding.UTF8.GetBytes($"{character}"), null), TapFormat.Text);

        Assert.EndsWith(isSteering ? $"B  \\u{(int)character:x4}" : $"B  {character}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, false, false)]
    [InlineData(1001, false, true)]
    [InlineData(1001, true, false)]
    public void A_long_text_is_cut_with_its_length_unless_all_is_asked_for(int characters, bool isWhole, bool isCut)
    {
        var text = new string('x', characters);
        var line = Tapped.Text(MessageOf(Encoding.UTF8.GetBytes(text), null), TapFormat.Text, isWhole);

        Assert.Equal(
            $"sl/a  {characters} B  {(isCut ? $"{text[..1000]}... (1000 of {characters} characters, --whole shows all)" : text)}",
            line);
        Assert.Equal(text, Json(MessageOf(Encoding.UTF8.GetBytes(text), null)).GetProperty("payload").GetString());
    }

    [Fact]
    public void A_cut_parts_no_character_and_bytes_and_JSON_are_cut_alike()
    {
        var smile = string.Concat(Enumerable.Repeat("\ud83d\ude00", 600));
        var text = Tapped.Text(MessageOf(Encoding.UTF8.GetBytes("x" + smile), null), TapFormat.Text);

        Assert.EndsWith("\ude00... (999 of 1201 characters, --whole shows all)", text, StringComparison.Ordinal);
        Assert.EndsWith("... (1000 of 2002 characters, --whole shows all)",
            Tapped.Text(MessageOf(new byte[1000], null), TapFormat.Hex), StringComparison.Ordinal);
        Assert.EndsWith("... (1000 of 1202 characters, --whole shows all)",
            Tapped.Text(MessageOf(Encoding.UTF8.GetBytes($"\"{new string('x', 1200)}\""), null), TapFormat.Json), StringComparison.Ordinal);
        Assert.EndsWith($"  0x{new string('f', 2000)}",
            Tapped.Text(MessageOf([.. Enumerable.Repeat((byte)255, 1000)], null), TapFormat.Text, isWhole: true), StringComparison.Ordinal);
    }

    private static JsonElement Json(in TappedMessage message, TapFormat format = TapFormat.Text) =>
        JsonDocument.Parse(Tapped.Json(message, format, DateTimeOffset.UnixEpoch)).RootElement;

    private static TappedMessage MessageOf(byte[] payload, Envelope? envelope, MessageProperties? properties = null)
    {
        var message = new Message("sl/a", new(payload), default, null!, 0) { Properties = properties };
        return new(message, message.Payload, envelope, null);
    }
}
