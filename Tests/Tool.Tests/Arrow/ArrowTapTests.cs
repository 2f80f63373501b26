using System.Text.RegularExpressions;
using Apache.Arrow.Types;
using StreamLearn.Arrow;

namespace Tool.Tests;

public sealed partial class ArrowTapTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] First => ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Pump(0, 3));

    private static byte[] Second =>
        ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Pump(0, 3), ArrowFiles.Pump(3, 2))[(First.Length - 8)..^8];

    private static byte[] Other =>
        ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Of(("y", ArrowFiles.Fixed<sbyte>(Int8Type.Default, null, 7))));

    [Fact]
    public async Task MQTT_shows_the_schema_once_and_goes_on_after_what_is_not_Arrow()
    {
        await using var server = await Mosquitto.StartAsync();

        Assert.Equal($"""
            plant/a  schema  time timestamp[ns, UTC], x float32? [g], note utf8?
            plant/a  888 B  3 rows
              2024-01-01T00:00:00.000000000Z  0
              2024-01-01T00:00:00.002500000Z  0.25  -
              2024-01-01T00:00:00.005000000Z  0.5  note 2, "so"
            plant/a  416 B  2 rows
              2024-01-01T00:00:00.007500000Z  -
              2024-01-01T00:00:00.010000000Z  1  -
            plant/a  5 B  hello  (not Arrow: why)
            plant/a  schema  y int8?
            plant/a  {Other.Length} B  1 row
              7
            """, Why().Replace(string.Join('\n', await TapAsync(server.Uri.ToString(), "text")), "(not Arrow: why)"));
    }

    [Fact]
    public async Task NATS_shows_the_same_as_objects()
    {
        await using var server = await RealNats.StartAsync();

        var lines = (await TapAsync($"nats://127.0.0.1:{server.Port}/", "jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();

        Assert.Equal(4, lines.Count);
        Assert.Equal(
            """[{"time":"2024-01-01T00:00:00.000000000Z","x":0,"note":""},"""
                + """{"time":"2024-01-01T00:00:00.002500000Z","x":0.25,"note":null},"""
                + """{"time":"2024-01-01T00:00:00.005000000Z","x":0.5,"note":"note 2, \"so\""}]""",
            lines[0].GetProperty("rows").GetRawText());
        Assert.Equal(3, lines[0].GetProperty("schema").GetProperty("columns").GetArrayLength());
        Assert.Equal((2, false), (lines[1].GetProperty("rows").GetArrayLength(), lines[1].TryGetProperty("schema", out _)));
        Assert.Equal("hello", lines[2].GetProperty("payload").GetString());
        Assert.StartsWith("expected ", lines[2].GetProperty("refusal").GetString(), StringComparison.Ordinal);
        Assert.Equal("""[{"y":7}]""", lines[3].GetProperty("rows").GetRawText());
        Assert.True(lines[3].TryGetProperty("schema", out _));
    }

    [Fact]
    public async Task Each_batch_of_a_file_is_published_as_a_message_that_tap_shows()
    {
        await using var server = await Mosquitto.StartAsync();
        var file = Path.Combine(_folder, "run.arrow");
        var bytes = ArrowFiles.Bytes(ArrowForm.File, ArrowFiles.Pump(0, 3), ArrowFiles.Pump(3, 2));
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        string[] publish = ["pub", $"{server.Uri}a", "--file", file, "--format", "arrow", "--retain"];

        Assert.Equal((0, "", ""), await LinkTests.RunAsync(publish));
        var (shown, rows, complaint) = await LinkTests.RunAsync(["tap", $"{server.Uri}a", "--format", "arrow", "--count", "1"]);
        Assert.Equal((0, ""), (shown, complaint));
        Assert.Matches("""
            ^a  schema  time timestamp\[ns, UTC\], x float32\? \[g\], note utf8\?
            a  \d+ B  retained  2 rows
              2024-01-01T00:00:00.007500000Z  -
              2024-01-01T00:00:00.010000000Z  1  -
            $
            """, rows);
        await File.WriteAllBytesAsync(file, bytes[..^700], TestContext.Current.CancellationToken);
        var (exitCode, _, error) = await LinkTests.RunAsync(publish);
        Assert.Equal(1, exitCode);
        Assert.Contains("message 3 at byte 888: expected a whole message", error, StringComparison.Ordinal);
        Assert.EndsWith("; before it: 1 message was confirmed\n", error, StringComparison.Ordinal);
        Assert.Equal(2, (await LinkTests.RunAsync(["pub", $"{server.Uri}a", "--text", "x", "--format", "arrow"])).ExitCode);
    }

    [Fact]
    public async Task A_batch_before_its_schema_and_a_file_as_a_payload_are_told()
    {
        await using var server = await Mosquitto.StartAsync();
        var file = Path.Combine(_folder, "payload");
        foreach (var (topic, bytes, why) in new[]
        {
            ("early", Second, "a record batch without an earlier schema on this topic"),
            ("file", ArrowFiles.Bytes(ArrowForm.File, ArrowFiles.Pump(0, 3)),
                "a file of Arrow, not a stream; publish it with --format arrow"),
        })
        {
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
            Assert.Equal((0, "", ""), await LinkTests.RunAsync(["pub", $"{server.Uri}{topic}", "--file", file, "--retain"]));
            var (exitCode, output, error) = await LinkTests.RunAsync(["tap", $"{server.Uri}{topic}", "--format", "arrow", "--count", "1"]);

            Assert.Equal(0, exitCode);
            Assert.EndsWith($"  ({why})\n", output, StringComparison.Ordinal);
            Assert.Equal(topic == "early" ? "streamlearn: messages received before their schema: 1 of 1\n"
                : "streamlearn: messages that are not Arrow, or are damaged: 1 of 1\n", error);
        }
    }

    /// <summary>Publishes a stream, a record batch alone, a text, and a stream of another schema, and gives the lines about them.</summary>
    private async Task<List<string>> TapAsync(string server, string form)
    {
        const int Count = 100;      // the others are texts of another topic, by which the test knows that messages are shown
        using FirstLine output = new();
        using StringWriter error = new() { NewLine = "\n" };
        var tap = Task.Run(() => CommandLine.Run(
            ["tap", $"{server}plant/+", "--format", "arrow", "--count", $"{Count}", "--output", form], TextReader.Null, output, error));
        while (!output.IsWritten) { await PublishAsync("probe", "x\n"u8.ToArray()); }
        foreach (var payload in new[] { First, Second, "hello"u8.ToArray(), Other }) { await PublishAsync("a", payload); }
        while (!tap.IsCompleted) { await LinkTests.RunAsync(["pub", $"{server}plant/probe"], string.Concat(Enumerable.Repeat("x\n", 20))); }

        Assert.Equal((0, $"streamlearn: messages that are not Arrow, or are damaged: {Count - 3} of {Count}\n"),
            (await tap, error.ToString()));
        return [.. output.ToString().TrimEnd().Split('\n').Where(l => !l.Contains("plant/probe", StringComparison.Ordinal))];

        async Task PublishAsync(string topic, byte[] payload)
        {
            var file = Path.Combine(_folder, "payload");
            await File.WriteAllBytesAsync(file, payload, TestContext.Current.CancellationToken);
            var (exitCode, _, said) = await LinkTests.RunAsync(["pub", $"{server}plant/{topic}", "--file", file]);
            Assert.Equal(0, exitCode);
            Assert.True(said.Length == 0 || said.StartsWith("streamlearn: sent to nats:", StringComparison.Ordinal), said);
        }
    }

    [GeneratedRegex(@"\(not Arrow: expected [^\n]*\)")]
    private static partial Regex Why();

    private sealed class FirstLine : StringWriter
    {
        private volatile bool _isWritten;

        public FirstLine() => NewLine = "\n";

        public bool IsWritten => _isWritten;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            _isWritten = true;
        }
    }
}
