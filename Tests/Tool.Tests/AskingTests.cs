using System.Collections.Immutable;
using System.Diagnostics;

namespace Tool.Tests;

public sealed class AskingTests
{
    private static readonly ImmutableDictionary<string, string> Pump = ImmutableDictionary<string, string>.Empty.Add("pump", "right");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tap", 0, "5.0")]
    [InlineData("tap", 1, "3.1.1")]
    [InlineData("tap", 2, "5.0")]
    [InlineData("pub", 0, "3.1.1")]
    [InlineData("pub", 1, "5.0")]
    [InlineData("pub", 2, "3.1.1")]
    public async Task Level_and_version_are_those_of_the_command_line_and_no_session_is_left(string command, int qos, string protocol)
    {
        using var server = new SilentServer();
        string[] payload = command == "pub" ? ["--text", "x"] : ["--count", "1"];
        var running = LinkTests.RunAsync([command, $"{server.Uri}a", "--qos", $"{qos}", "--protocol", protocol, "--wait", "1", .. payload]);

        var (connect, next) = await server.TakeAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);

        Assert.Equal(((byte)(protocol == "5.0" ? 5 : 4), 2), (connect[8], connect[9] & 2));      // clean
        Assert.Equal((byte)(command == "pub" ? 0x30 + (2 * qos) : 0x82), next[0]);
        if (command == "tap") { Assert.Equal(qos, next[^1] & 3); }
        server.Dispose();
        if (command == "pub") { await running; }
    }

    [Fact]
    public async Task A_topic_may_have_an_at_sign()
    {
        await using var server = await Mosquitto.StartAsync();

        Assert.Equal((0, "", ""), await LinkTests.RunAsync(["pub", $"{server.Uri}to/a@b", "--text", "1", "--retain"]));
        Assert.Equal((0, "to/a@b  1 B  retained  1\n", ""), await LinkTests.RunAsync(["tap", $"{server.Uri}to/a@b", "--count", "1"]));
    }

    [Fact]
    public async Task A_quiet_topic_is_waited_for_longer_than_for_the_server()
    {
        await using var server = await Mosquitto.StartAsync();
        var tap = LinkTests.RunAsync(["tap", $"{server.Uri}quiet", "--count", "1", "--wait", "0.5"]);
        var begin = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(1.5))
        {
            await LinkTests.RunAsync(["pub", $"{server.Uri}other", "--text", "1"]);
        }

        Assert.False(tap.IsCompleted);
        while (!tap.IsCompleted) { await LinkTests.RunAsync(["pub", $"{server.Uri}quiet", "--text", "1"]); }

        Assert.Equal((0, "quiet  1 B  1\n", ""), await tap);
    }

    [Fact]
    public async Task More_messages_come_than_a_server_sends_unacknowledged()
    {
        await using var server = await Mosquitto.StartAsync();
        var input = string.Concat(Enumerable.Range(0, 100).Select(n => $"{n}\n"));
        var tap = LinkTests.RunAsync(["tap", $"{server.Uri}a", "--count", "200"]);

        while (!tap.IsCompleted) { await LinkTests.RunAsync(["pub", $"{server.Uri}a"], input); }

        Assert.Equal((0, 200), ((await tap).ExitCode, (await tap).Output.Count(c => c == '\n')));
    }

    [Fact]
    public async Task Messages_of_one_call_are_numbered()
    {
        await using var server = await Mosquitto.StartAsync();
        await LinkTests.RunAsync(["pub", $"{server.Uri}sl/run/node/up/kind", "--retain"], "a\nb\nc\n");

        Assert.Equal((0, "sl/run/node/up/kind  1 B  retained  streamlearn/pub 0/2  c\n", ""),
            await LinkTests.RunAsync(["tap", $"{server.Uri}sl/#", "--count", "1"]));
    }

    [Fact]
    public async Task A_folder_is_no_file_to_publish()
    {
        var (exitCode, output, error) = await LinkTests.RunAsync(["pub", "mqtt://127.0.0.1/a", "--file", Path.GetTempPath()]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("5.0")]
    [InlineData("3.1.1")]
    public async Task A_refused_login_is_said_to_be_one(string protocol)
    {
        await using var server = await Mosquitto.StartAsync(new() { Users = Pump });
        var place = server.Uri.ToString().TrimEnd('/');
        var expected = $"streamlearn: {place} refused the connection: NotAuthorized (user, password or certificate)\n";

        Assert.Equal((1, "", expected), await LinkTests.RunAsync(["tap", $"{server.Uri}a", "--protocol", protocol]));
        Assert.Equal((1, "", expected), await LinkTests.RunAsync(["pub", $"{server.Uri}a", "--text", "1", "--protocol", protocol]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(130, "--count", "2")]
    public async Task Interrupted_it_ends_with_130_if_messages_are_missing(int expected, params string[] more)
    {
        await using var server = await Mosquitto.StartAsync();
        await LinkTests.RunAsync(["pub", $"{server.Uri}a", "--text", "first", "--retain"]);
        using var tap = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll"), "tap", $"{server.Uri}a", .. more])
        {
            RedirectStandardOutput = true,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        try
        {
            Assert.Equal("a  5 B  retained  first", await tap.StandardOutput.ReadLineAsync(patience.Token));
            using var kill = Process.Start("kill", ["-INT", $"{tap.Id}"]);
            await tap.WaitForExitAsync(patience.Token);

            Assert.Equal(expected, tap.ExitCode);
        }
        finally
        {
            if (!tap.HasExited) { tap.Kill(); }
        }
    }
}
