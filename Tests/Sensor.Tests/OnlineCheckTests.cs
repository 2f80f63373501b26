using System.Collections.Immutable;
using NATS.Client.JetStream;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Sensor.Tests;

public sealed class OnlineCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_that_is_not_there_is_69()
    {
        var (exit, _, error) = await CheckAsync($"link.url=nats://127.0.0.1:{LoopbackPort.Take()}");

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

    private const string NoAccount = "nats; jetstream: { store_dir: {store} }; "
        + "accounts: { A: { users: [ { user: a, password: a } ] } }; no_auth_user: a";

    [Theory]
    [InlineData(Programs.Sensor, "nats", "has no JetStream, which stores messages in flight: start it with nats-server -js")]
    [InlineData(Programs.Sensor, "nats; jetstream; max_payload: 20000",
        "accepts messages of up to 20000 bytes, but an update of this model has 25")]
    [InlineData(Programs.Sensor, "nats; jetstream: { store_dir: {store}, max_file_store: 1MB }",
        "it exceeds the remaining max_file_store of the server or max_file of the account")]
    [InlineData(Programs.Sensor, NoAccount, "JetStream not enabled for account (503, 10039): enable it there (jetstream: enabled)")]
    [InlineData(Programs.Aggregator, NoAccount, "JetStream not enabled for account (503, 10039): enable it there (jetstream: enabled)")]
    [InlineData(Programs.Sensor, "mqtt; max_packet_size 20000",
        "accepts messages of up to 20000 bytes, but an update of this model has 25")]
    [InlineData(Programs.Sensor, "mqtt; message_size_limit 20000", "the server refused a message of 25")]
    [InlineData(Programs.Sensor, "mqtt; max_qos 0", "expected a server that supports QoS 1, got at most 0")]
    [InlineData(Programs.Aggregator, "mqtt; max_qos 0", "expected a server that supports QoS 1, got at most 0")]
    [InlineData(Programs.Aggregator, "nats", "has no JetStream, which stores messages in flight: start it with nats-server -js")]
    [InlineData(Programs.Aggregator, "nats; jetstream: { store_dir: {store}, max_file_store: 1MB }",
        "it exceeds the remaining max_file_store of the server or max_file of the account")]
    public async Task A_server_that_is_not_set_up_for_the_fleet_is_78_for_check_and_run(string program, string kind, string expected)
    {
        var (server, uri) = await SmallServerAsync(kind.Replace("{store}", _folder.File("store"), StringComparison.Ordinal).Split("; "));
        await using var _ = server;
        var link = $"link.url={uri.ToString().TrimEnd('/')}";
        await File.WriteAllTextAsync(_folder.File("c.yaml"), await Programs.SampleAsync(program), TestContext.Current.CancellationToken);
        string[] config = ["-c", _folder.File("c.yaml"), "--set", link, "--set", $"state={_folder.File("state")}"];

        var check = await Programs.RunAsync(program, ["check", "--online", .. config]);
        var run = await Programs.HereAsync(program, ["run", .. config]);

        Assert.Contains(expected, check.Error, StringComparison.Ordinal);
        Assert.Equal((78, 78), (check.ExitCode, run.ExitCode));
    }

    /// <summary>A program that starts at the same time may have found the places of the fleet: a check deletes none.</summary>
    [Fact]
    public async Task A_check_leaves_no_message_and_no_consumer_on_a_server_and_deletes_nothing()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var link = new NatsTransport(new() { Servers = [server.Uri] });
        var stop = TestContext.Current.CancellationToken;

        Assert.Equal(0, (await CheckAsync($"link.url={server.Uri.ToString().TrimEnd('/')}")).ExitCode);
        var streams = new NatsJSContext(link.Connection);
        var first = (await streams.GetStreamAsync("streamlearn", cancellationToken: stop)).Info.Created;
        Assert.Equal(0, (await CheckAsync($"link.url={server.Uri.ToString().TrimEnd('/')}")).ExitCode);

        Assert.Equal(first, (await streams.GetStreamAsync("streamlearn", cancellationToken: stop)).Info.Created);
        var left = await streams.ListStreamsAsync(cancellationToken: stop)
            .Select(static s => (s.Info.Config.Name, s.Info.State.Messages, s.Info.State.ConsumerCount)).ToListAsync(stop);
        Assert.Contains(("streamlearn", 0, 0), left);
        Assert.All(left, static s => Assert.Equal((0, 0), (s.Messages, s.ConsumerCount)));
    }

    private static async Task<(IAsyncDisposable Server, Uri Uri)> SmallServerAsync(string[] kind)
    {
        if (kind[0] == "mqtt")
        {
            var mosquitto = await Mosquitto.StartAsync(new() { AtListener = [.. kind[1..]] });
            return (mosquitto, mosquitto.Uri);
        }

        var nats = await RealNats.StartAsync(new()
        {
            JetStream = kind.Contains("jetstream"),
            More = [.. kind.Skip(1).Where(static k => k != "jetstream")],
        });
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

    [Fact]
    public async Task A_message_without_a_key_says_which_one()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var device = new MqttTransport(new() { Server = mosquitto.Uri });
        await device.PublishAsync("plant/d/rows", new("""{"t":1,"y":"a"}"""u8.ToArray()), new() { Retain = true },
            TestContext.Current.CancellationToken);
        var url = mosquitto.Uri.ToString().TrimEnd('/');

        var (exit, _, error) = await CheckAsync($"link.url={url}",
            $"source={{mqtt: {{url: {url}, topic: plant/+/rows, retained: take, devices: [d]}}}}",
            "columns={t: {time: ms, path: $.t}, x: {path: $.x}, label: {label: [a, b], path: $.y}}");

        Assert.Equal(65, exit);
        Assert.Contains("left out: 1 malformed (missing path at byte 14, column 'x')", error, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Error)> CheckAsync(params string[] overrides)
    {
        var text = await Programs.SampleAsync(Programs.Sensor);
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
