using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Tool.Tests;

public sealed class LinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("5.0", "0")]
    [InlineData("5.0", "2")]
    [InlineData("3.1.1", "1")]
    public async Task What_is_published_is_tapped(string protocol, string qos)
    {
        await using var server = await Mosquitto.StartAsync();
        Assert.Equal((0, "", ""), await RunAsync(["pub", $"{server.Uri}kept/a", "--text", "älter", "--retain"]));

        var (exitCode, output, error) = await RunAsync(
            ["tap", $"{server.Uri}kept/#", "--count", "1", "--qos", qos, "--protocol", protocol]);

        Assert.Equal((0, "kept/a  6 B  retained  älter\n", ""), (exitCode, output, error));
    }

    [Theory]
    [InlineData("text", "a  12 B  retained  {\"x\": [1,2]}\n")]
    [InlineData("json", "a  12 B  retained  {\"x\":[1,2]}\n")]
    [InlineData("hex", "a  12 B  retained  0x7b2278223a205b312c325d7d\n")]
    public async Task A_payload_is_shown_as_asked_for(string format, string expected)
    {
        await using var server = await Mosquitto.StartAsync();
        await RunAsync(["pub", $"{server.Uri}a", "--text", "{\"x\": [1,2]}", "--retain"]);

        Assert.Equal((0, expected, ""), await RunAsync(["tap", $"{server.Uri}a", "--count", "1", "--format", format]));
    }

    [Fact]
    public async Task Raw_is_the_bytes_alone_and_what_is_no_text_is_hexadecimal()
    {
        await using var server = await Mosquitto.StartAsync();
        var file = Path.Combine(_folder, "payload");
        await File.WriteAllBytesAsync(file, [0xFF, 0, 10], TestContext.Current.CancellationToken);
        await RunAsync(["pub", $"{server.Uri}a", "--file", file, "--retain"]);
        using var bytes = new MemoryStream();

        Assert.Equal((0, "", ""), await RunAsync(["tap", $"{server.Uri}a", "--count", "1", "--format", "raw"], bytes: bytes));
        Assert.Equal([0xFF, 0, 10], bytes.ToArray());
        Assert.EndsWith("  0xff000a\n", (await RunAsync(["tap", $"{server.Uri}a", "--count", "1"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_cannot_move_the_cursor()
    {
        await using var server = await Mosquitto.StartAsync();
        await RunAsync(["pub", $"{server.Uri}a", "--text", "x\u001b[2J\ny\u0085", "--retain"]);

        Assert.EndsWith("  x\\u001b[2J\\u000ay\\u0085\n",
            (await RunAsync(["tap", $"{server.Uri}a", "--count", "1"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_standard_input_are_messages_and_jsonl_is_an_object_a_line()
    {
        await using var server = await Mosquitto.StartAsync();
        Assert.Equal(0, (await RunAsync(["pub", $"{server.Uri}a/b", "--retain"], "{\"n\":1}\n{\"n\":2}\n")).ExitCode);

        var (_, output, _) = await RunAsync(["tap", $"{server.Uri}+/b", "--count", "1", "--format", "json", "--output", "jsonl"]);

        var line = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("a/b", true, 7), (line.GetProperty("topic").GetString(), line.GetProperty("retained").GetBoolean(),
            line.GetProperty("bytes").GetInt32()));
        Assert.Equal(2, line.GetProperty("payload").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task A_login_is_read_from_a_file_and_never_shown()
    {
        await using var server = await Mosquitto.StartAsync(
            new() { Users = ImmutableDictionary<string, string>.Empty.Add("pump", "s3cret-marked") });
        var (right, wrong) = (Path.Combine(_folder, "right"), Path.Combine(_folder, "wrong"));
        await File.WriteAllTextAsync(right, "pump\ns3cret-marked\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(wrong, "pump\nwr0ng-marked\n", TestContext.Current.CancellationToken);

        Assert.Equal((0, "", ""), await RunAsync(["pub", $"{server.Uri}a", "--text", "1", "--login", right]));
        foreach (var arguments in new string[][] { ["pub", $"{server.Uri}a", "--text", "1"], ["tap", $"{server.Uri}a", "--count", "1"] })
        {
            var (exitCode, output, error) = await RunAsync([.. arguments, "--login", wrong, "--wait", "2"]);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Single(error.TrimEnd().Split('\n'));
            Assert.DoesNotContain("marked", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_one_line_and_exit_code_1()
    {
        var nowhere = $"mqtt://127.0.0.1:{LoopbackPort.Take()}/a";
        foreach (var arguments in new string[][] { ["pub", nowhere, "--text", "1"], ["tap", nowhere] })
        {
            var (exitCode, output, error) = await RunAsync([.. arguments, "--wait", "0.5"]);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Single(error.TrimEnd().Split('\n'));
            Assert.StartsWith("streamlearn: ", error, StringComparison.Ordinal);
            Assert.Equal(1, Regex.Count(error, "mqtt://"));
        }
    }

    [Theory]
    [InlineData("models", "listen", "--help")]
    [InlineData("models", "watch")]
    [InlineData("listen", "--help")]
    [InlineData("tap", "nats://host/plant.>")]
    [InlineData("tap", "mqtt://host")]
    [InlineData("tap", "mqtt://host/")]
    [InlineData("tap", "http://host/a")]
    [InlineData("tap", "mqtt://host/a#")]
    [InlineData("tap", "mqtt://user:marked@host/a")]
    [InlineData("tap", "mqtt://host/a", "--qos", "3")]
    [InlineData("tap", "mqtt://host/a", "--qos", "some")]
    [InlineData("tap", "mqtt://host/a", "--count", "0")]
    [InlineData("tap", "mqtt://host/a", "--count", "some")]
    [InlineData("tap", "mqtt://host/a", "--wait", "long")]
    [InlineData("tap", "mqtt://host/a", "--ca", "Tool.Tests.dll")]
    [InlineData("pub", "mqtt://host/a", "--property", "name")]
    [InlineData("pub", "mqtt://host/a", "--property", "=value")]
    [InlineData("tap", "mqtt://host/a", "--format", "xml")]
    [InlineData("tap", "mqtt://host/a", "--output", "xml")]
    [InlineData("tap", "mqtt://host/a", "--login", "no-such-file")]
    [InlineData("tap", "mqtt://host/a", "--wait", "0")]
    [InlineData("pub", "mqtt://host/a/#", "--text", "1")]
    [InlineData("pub", "mqtt://host/a", "--text", "1", "--file", "x")]
    [InlineData("tap", "mqtt:///a")]
    [InlineData("tap", "mqtt://host:0/a")]
    [InlineData("tap", "mqtt://host:65536/a")]
    [InlineData("tap", "mqtt://host/$share/g")]
    [InlineData("tap", "mqtt://host/$share//a")]
    [InlineData("tap", "mqtt://host/$share/g/")]
    [InlineData("tap", "mqtt://host/$share/+/a")]
    [InlineData("pub", "mqtt://host/$share/g/a", "--text", "1")]
    [InlineData("pub", "mqtt://host/a", "--text", "1", "--protocol", "3.1.1", "--property", "a=b")]
    [InlineData("pub", "mqtt://host/a", "--text", "1", "--protocol", "3.1.1", "--content-type", "text/plain")]
    public async Task A_bad_command_line_is_exit_code_2(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.StartsWith("streamlearn: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("marked", error, StringComparison.Ordinal);
    }

    internal static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] arguments, string input = "", Stream? bytes = null)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        using var reader = new StringReader(input);
        var exitCode = await Task.Run(() => CommandLine.Run(arguments, reader, output, error, bytes)).WaitAsync(TimeSpan.FromSeconds(60));
        return (exitCode, output.ToString(), error.ToString());
    }
}
