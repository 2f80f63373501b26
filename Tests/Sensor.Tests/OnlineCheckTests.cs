using System.Collections.Immutable;
using StreamLearn.Testing;

namespace Sensor.Tests;

/// <summary>What <c>check --online</c> ends with.</summary>
public sealed class OnlineCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mqtt")]
    [InlineData("nats")]
    public async Task A_server_that_is_not_there_is_69(string scheme)
    {
        var (exit, _, error) = await CheckAsync($"link.url={scheme}://127.0.0.1:{LoopbackPort.Take()}");

        Assert.Equal(69, exit);
        Assert.Contains("is not reachable within 10 s", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_that_is_refused_is_77(bool overNats)
    {
        await using IAsyncDisposable server = overNats
            ? await RealNats.StartAsync(new() { JetStream = true, Login = ("u", "right") })
            : await Mosquitto.StartAsync(new() { Users = ImmutableDictionary<string, string>.Empty.Add("u", "right") });
        await File.WriteAllTextAsync(_folder.File("login.txt"), "u\nwrong", TestContext.Current.CancellationToken);

        var (exit, _, error) = await CheckAsync(
            $"link.url={(server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri).ToString().TrimEnd('/')}",
            $"link.login={_folder.File("login.txt")}");

        Assert.Equal(77, exit);
        Assert.Contains("refuses the login", error, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nats", "has no JetStream, which keeps what is under way: nats-server -js")]
    [InlineData("jetstream", "takes messages of 20000 bytes, and an update of this model has 25")]
    [InlineData("mqtt", "takes messages of 20000 bytes, and an update of this model has 25")]
    public async Task A_server_that_is_not_set_up_for_the_fleet_is_78_for_check_and_run(string kind, string expected)
    {
        var (server, uri) = await SmallServerAsync(kind);
        await using var _ = server;
        var link = $"link.url={uri.ToString().TrimEnd('/')}";

        var (exit, _, error) = await CheckAsync(link);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(78, exit);

        var run = await Programs.RunAsync(Programs.Sensor,
            ["run", "-c", _folder.File("s.yaml"), "--set", link, "--set", $"state={_folder.File("state")}"]);
        Assert.Equal(78, run.ExitCode);
    }

    private static async Task<(IAsyncDisposable Server, Uri Uri)> SmallServerAsync(string kind)
    {
        if (kind == "mqtt")
        {
            var mosquitto = await Mosquitto.StartAsync(new() { MaxPacketBytes = 20_000 });
            return (mosquitto, mosquitto.Uri);
        }

        var keeps = kind == "jetstream";
        var nats = await RealNats.StartAsync(new() { JetStream = keeps, More = keeps ? ["max_payload: 20000"] : [] });
        return (nats, nats.Uri);
    }

    [Fact]
    public async Task A_state_folder_that_is_a_file_is_73()
    {
        await File.WriteAllTextAsync(_folder.File("state"), "", TestContext.Current.CancellationToken);

        var (exit, _, error) = await CheckAsync($"state={_folder.File("state")}");

        Assert.Equal(73, exit);
        Assert.Contains("is not writable", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_gives_no_row_is_65()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await File.WriteAllLinesAsync(
            _folder.File("a.csv"), ["t_ms,x,label", "0,one,a", "20,two,b"], TestContext.Current.CancellationToken);

        var (exit, _, error) = await CheckAsync($"link.url={mosquitto.Uri.ToString().TrimEnd('/')}",
            $"source={{csv: {{files: {_folder.File("a.csv")}, device: {{name: d}}}}}}",
            "columns={t_ms: {time: ms}, x: {}, label: {label: [a, b]}}");

        Assert.Equal(65, exit);
        Assert.Contains("no good row from d within 10 s: left out: 2 wrong-type", error, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Error)> CheckAsync(params string[] overrides)
    {
        var init = await Programs.RunAsync(Programs.Sensor, "config", "init");
        var text = init.Output;
        if (overrides.Any(static o => o.StartsWith("source=", StringComparison.Ordinal)))
        {
            text = text.Remove(text.IndexOf("source:", StringComparison.Ordinal), text.IndexOf("pipeline:", StringComparison.Ordinal)
                - text.IndexOf("source:", StringComparison.Ordinal));
        }

        await File.WriteAllTextAsync(_folder.File("s.yaml"), text, TestContext.Current.CancellationToken);
        return await Programs.RunAsync(Programs.Sensor,
            ["check", "--online", "-c", _folder.File("s.yaml"), .. overrides.SelectMany(static o => new[] { "--set", o })]);
    }
}
