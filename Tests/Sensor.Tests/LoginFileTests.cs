using System.Collections.Immutable;
using System.Diagnostics;

namespace Sensor.Tests;

public sealed class LoginFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("user\nsecret", "user|secret")]
    [InlineData("\ufeffuser\r\nsecret\r\n\r\n", "user|secret")]
    [InlineData("user\n", "user")]
    [InlineData("user\n pass word \n", "user| pass word ")]
    public void A_login_has_one_line_or_two(string text, string expected)
    {
        File.WriteAllText(_folder.File("login.txt"), text);

        Assert.Equal(expected, string.Join('|', LoginFile.Read(new(_folder.File("login.txt")))));
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("\n\n", "an empty file")]
    [InlineData("user\nsecret\nmore", "3 lines")]
    [InlineData("user\nsec\0ret", "control characters")]
    [InlineData("user\nsecret\u00c2\u0085", "control characters")]
    [InlineData("user\nsecret\u00ff", "bytes that are not UTF-8")]
    [InlineData("\nsecret", "no user name in the first line")]
    public async Task A_file_that_is_no_login_is_refused_by_run_and_check_without_its_text(string text, string expected)
    {
        await File.WriteAllBytesAsync(_folder.File("login.txt"), Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

        var run = await RunAsync(Programs.Sensor, "mqtt://127.0.0.1:1", "run");
        var check = await RunAsync(Programs.Aggregator, "nats://127.0.0.1:1", "check", "--online");
        var offline = await RunAsync(Programs.Sensor, "mqtt://127.0.0.1:1", "check");
        var ofAggregator = await RunAsync(Programs.Aggregator, "nats://127.0.0.1:1", "check");

        Assert.Equal((77, 77, 77, 77), (run.ExitCode, check.ExitCode, offline.ExitCode, ofAggregator.ExitCode));
        Assert.All([run.Error, check.Error, offline.Error, ofAggregator.Error], error =>
        {
            Assert.EndsWith($"login.txt, got {expected}\n", error, StringComparison.Ordinal);
            Assert.DoesNotContain("sec", error.Replace("in a second line", "", StringComparison.Ordinal), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check --online")]
    public async Task A_folder_and_a_pipe_are_no_logins(string command)
    {
        Directory.CreateDirectory(_folder.File("login.txt"));
        var folder = await RunAsync(Programs.Aggregator, "mqtt://127.0.0.1:1", command.Split(' '));
        Directory.Delete(_folder.File("login.txt"));
        using (var made = Process.Start("mkfifo", [_folder.File("login.txt")])) { await made.WaitForExitAsync(); }
        var pipe = await RunAsync(Programs.Sensor, "nats://127.0.0.1:1", command.Split(' '));

        Assert.Equal((77, 77), (folder.ExitCode, pipe.ExitCode));
        Assert.EndsWith("got a folder\n", folder.Error, StringComparison.Ordinal);
        Assert.EndsWith("got an empty file\n", pipe.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "50ms")]
    [InlineData(true, "3s")]
    public async Task A_run_for_a_time_whose_login_is_refused_is_no_good_end(bool overNats, string time)
    {
        await using IAsyncDisposable server = overNats
            ? await RealNats.StartAsync(new() { JetStream = true, Login = ("u", "right") })
            : await Mosquitto.StartAsync(new() { Users = ImmutableDictionary<string, string>.Empty.Add("u", "right") });
        await File.WriteAllTextAsync(_folder.File("login.txt"), "u\nwrong", TestContext.Current.CancellationToken);
        var url = (server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri).ToString().TrimEnd('/');

        var run = await RunAsync(Programs.Sensor, url, "run", "--for", time);

        Assert.Equal(77, run.ExitCode);
        Assert.DoesNotContain("wrong", run.Error, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string url, params string[] command)
    {
        await File.WriteAllTextAsync(_folder.File("c.yaml"), await Programs.SampleAsync(program), TestContext.Current.CancellationToken);
        return await Programs.RunAsync(program, [.. command, "-c", _folder.File("c.yaml"), "--set", $"link.url={url}",
            "--set", $"link.login={_folder.File("login.txt")}", "--set", $"state={_folder.File("state")}"]);
    }
}
