using System.Net;
using Aggregator;
using StreamLearn.Mqtt;

namespace Sensor.Tests;

public sealed class OwnBrokerTests : IDisposable
{
    private static readonly FleetTopics Topics = new("sl/plant");
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = LoopbackPort.Take();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("listen: '0.0.0.0:1883'")]
    [InlineData("listen: '[::]:1883', logins: l.txt")]
    [InlineData("listen: '192.0.2.1:8883', certificate: c.pem, key: k.pem")]
    public void An_address_that_others_reach_without_tls_and_login_is_refused_in_one_line(string broker)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(broker, login: ", login: l"));
        Assert.Contains("'certificate', 'key' and 'logins' too, or 'insecure: true'", Assert.Single(refused.Problems).Text,
            StringComparison.Ordinal);
        Assert.True(Read($"{broker}, insecure: true", login: ", login: l").Broker!.Insecure);
    }

    [Theory]
    [InlineData("listen: nowhere")]
    [InlineData("listen: 127.0.0.1")]
    [InlineData("certificate: c.pem")]
    [InlineData("max_connections: 15")]
    [InlineData("max_packet: 1KiB")]
    [InlineData("logins: l.txt")]
    public void What_cannot_serve_the_fleet_is_refused(string broker) =>
        Assert.Single(Assert.Throws<ConfigurationException>(() => Read(broker)).Problems);

    [Theory]
    [InlineData("mqtt://localhost", true)]
    [InlineData("mqtt://127.0.0.1:1883", true)]
    [InlineData("mqtt://127.0.0.1:1884", false)]
    [InlineData("mqtt://edge-1:1883", false)]
    [InlineData("nats://localhost:1883", false)]
    [InlineData("mqtts://localhost:1883", false)]
    public void It_is_started_where_the_fleet_meets_there(string url, bool expected) =>
        Assert.Equal(expected, Read("listen: localhost:1883", url).OwnBroker is not null);

    [Theory]
    [InlineData("aggregator change-me\nuser-001", "line 2")]
    [InlineData("a b c!", "line 1")]
    [InlineData("a b\n\n# c d\na d", "line 4")]
    [InlineData("# nobody\n", "expected logins")]
    [InlineData("a b\ng c user-001 aggregator", "line 2")]
    public void A_line_that_is_no_login_is_named_without_its_text(string lines, string expected)
    {
        File.WriteAllText(_folder.File("logins.txt"), lines);

        var config = Read($"logins: {_folder.File("logins.txt")}", login: ", login: l");
        var refused = Assert.Throws<LoginFileException>(() => config.Broker!.Options(Topics));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("change-me", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_that_are_too_many_are_said_once()
    {
        await using var broker = await MqttBroker.StartAsync(new() { Listen = new(IPAddress.Loopback, _port), MaxConnections = 1 });
        await using MqttTransport first = new(new() { Server = broker.Uri }), second = new(new() { Server = broker.Uri });
        List<string> said = [];
        var watch = new BrokerWatch(broker, 1, said.Add);
        await first.PublishAsync("a", default, default, TestContext.Current.CancellationToken);
        watch.Look();
        Assert.Empty(said);

        var waiting = second.PublishAsync("a", default, default, TestContext.Current.CancellationToken).AsTask();
        for (var refused = 1; refused < 3; refused++)
        {
            while (broker.Status.ConnectionsRefused < refused) { await Task.Yield(); }
            watch.Look();
        }

        // the second tries again by itself: it may have been refused several times before the first look
        Assert.Matches("^the broker has refused [0-9]+ connections: the limit 'broker\\.max_connections' is 1, and half of that for a "
            + "login; a device needs three connections$", Assert.Single(said));
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public void A_login_has_the_rights_of_its_devices_and_the_aggregator_its_own()
    {
        File.WriteAllText(_folder.File("logins.txt"), "aggregator a\nuser-001 b\ngateway c user-004 user-005\n");

        var logins = Read($"logins: {_folder.File("logins.txt")}", login: ", login: l").Broker!.Options(Topics).Logins;

        Assert.Equal(
            ["sl/plant/aggregator/down/#", "sl/plant/user-001/up/#", "sl/plant/user-004/up/#"], logins.Select(static l => l.Publish[0]));
        Assert.Equal(["sl/plant/+/up/#", "sl/plant/aggregator/down/user-001/#", "sl/plant/aggregator/down/user-004/#"],
            logins.Select(static l => l.Subscribe[0]));
        Assert.Contains("sl/plant/user-005/up/#", logins[2].Publish);
        var owner = Read($"logins: {_folder.File("logins.txt")}", login: ", login: l").Broker!.OwnerOf()!;
        Assert.Equal(["user-001", "gateway", "gateway", "other"], new[] { "user-001", "user-004", "user-005", "other" }.Select(owner));
    }

    [Fact]
    public void A_viewer_reads_all_of_the_fleet_and_publishes_nothing()
    {
        File.WriteAllText(_folder.File("logins.txt"), "viewer v\nuser-001 b\n");

        var viewer = Read($"logins: {_folder.File("logins.txt")}", login: ", login: l").Broker!.Options(Topics).Logins[0];

        Assert.Equal(["sl/plant/#"], viewer.Subscribe);
        Assert.Empty(viewer.Publish);
    }

    /// <summary>It may connect, and what is for the device is refused: better said by a check than by a run.</summary>
    [Fact]
    public async Task A_check_says_that_a_login_is_not_of_the_device()
    {
        await using var aggregator = await StartAsync();

        var good = await Programs.RunAsync(Programs.Sensor, ["check", "--online", .. Run("user-001", 1)[1..]]);
        var liar = await Programs.RunAsync(Programs.Sensor, ["check", "--online", .. Run("user-001", 2)[1..]]);

        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.Equal(77, liar.ExitCode);
        Assert.Contains("aggregator/down/user-002/model", liar.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_says_that_the_broker_of_the_file_would_not_be_started_and_what_a_best_version_needs()
    {
        await WriteAsync();

        var check = await Programs.RunAsync(Programs.Aggregator, "check", "-c", _folder.File("aggregator.yaml"),
            "--set", "link.url=mqtt://localhost:1", "--set", "aggregate.best.slow=10m");

        Assert.Equal(0, check.ExitCode);
        var lines = check.Error.TrimEnd().Split('\n');
        Assert.Equal($"streamlearn-aggregator: no broker at mqtt://127.0.0.1:{_port}: link.url points to mqtt://localhost:1", lines[0]);
        Assert.StartsWith("streamlearn-aggregator: aggregate.best: ", lines[1], StringComparison.Ordinal);
        Assert.Contains("hold_back under pipeline.learn", lines[1], StringComparison.Ordinal);
    }

    /// <summary>Each with a login: the fleet learns, and one that is not a device of its login is refused.</summary>
    [Fact]
    public async Task A_fleet_with_logins_learns_over_it_and_a_login_speaks_for_its_devices_alone()
    {
        await using var aggregator = await StartAsync();

        var sensor = await Programs.RunAsync(Programs.Sensor, Run("user-001", 1));
        var liar = await Programs.RunAsync(Programs.Sensor, Run("user-001", 2));
        var stranger = await Programs.RunAsync(Programs.Sensor, Run("stranger", 3));
        var edge = await aggregator.StopAsync();

        Assert.Equal((0, ""), (sensor.ExitCode, sensor.Error));
        Assert.Equal((77, 77), (liar.ExitCode, stranger.ExitCode));
        Assert.True(edge == 0, aggregator.Log);
        Assert.Contains("devices=1 ", aggregator.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("devices=2 ", aggregator.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_69_and_a_check_takes_the_broker_that_is_there()
    {
        await WriteAsync();
        string[] config = ["-c", _folder.File("aggregator.yaml")];
        var alone = await Programs.RunAsync(Programs.Aggregator, ["check", "--online", .. config]);
        Assert.True(alone.ExitCode == 0, alone.Error);
        await using var other = await StreamLearn.Mqtt.MqttBroker.StartAsync(new() { Listen = new(IPAddress.Loopback, _port) });

        var run = await Programs.RunAsync(Programs.Aggregator, ["run", .. config, "--set", "aggregate.best.slow=10m"]);
        var check = await Programs.RunAsync(Programs.Aggregator, ["check", "--online", .. config]);

        Assert.Equal(69, run.ExitCode);
        Assert.Matches("^streamlearn-aggregator: aggregate.best: [^\n]+ hold_back under pipeline.learn [^\n]+\n"
            + $"streamlearn-aggregator: broker: 127.0.0.1:{_port}: [^\n]+ Remove 'broker' [^\n]+\n$", run.Error);
        Assert.True(check.ExitCode == 0, check.Error);
    }

    private static AggregatorConfig Read(string broker, string url = "mqtt://localhost", string login = "") => ConfigTree.Parse("f",
        $"{{ streamlearn: 1, fleet: plant, link: {{ url: '{url}'{login} }}, broker: {{ {broker} }} }}").Read(AggregatorConfig.Read).Value;

    private string[] Run(string login, int user) => ["run", "-c", _folder.File("sensor.yaml"), "--set", $"link.login={_folder.File(login)}",
        "--set", $"source.generator.users=[{user}]", "--set", $"state={_folder.File($"state-{login}-{user}")}"];

    private async Task<ServerProcess> StartAsync()
    {
        await WriteAsync();
        var aggregator = new ServerProcess("dotnet", Path.Combine(AppContext.BaseDirectory, "streamlearn-aggregator.dll"),
            "run", "-c", _folder.File("aggregator.yaml"));
        await aggregator.WaitForAsync("waiting for updates");
        return aggregator;
    }

    private async Task WriteAsync()
    {
        await File.WriteAllTextAsync(_folder.File("logins.txt"), "aggregator change-me\nuser-001 one\n");
        foreach (var (login, password) in new[] { ("aggregator", "change-me"), ("user-001", "one"), ("stranger", "two") })
        {
            await File.WriteAllTextAsync(_folder.File(login), $"{login}\n{password}\n");
        }

        var (sensor, edge) = ((await Programs.RunAsync(Programs.Sensor, "config", "init")).Output,
            (await Programs.RunAsync(Programs.Aggregator, "config", "init")).Output);
        await File.WriteAllTextAsync(_folder.File("sensor.yaml"), sensor
            .Replace("localhost:1883 ", $"localhost:{_port} ", StringComparison.Ordinal)
            .Replace("length: 10m", "length: 2m", StringComparison.Ordinal));
        await File.WriteAllTextAsync(_folder.File("aggregator.yaml"), edge
            .Replace("state: state ", $"state: {_folder.File("state")} ", StringComparison.Ordinal)
            .Replace("url: mqtt://localhost:1883 ", $"url: mqtt://localhost:{_port}\n  login: {_folder.File("aggregator")} ",
                StringComparison.Ordinal)
            .Replace("listen: 127.0.0.1:1883 ", $"listen: 127.0.0.1:{_port}\n  logins: {_folder.File("logins.txt")} ",
                StringComparison.Ordinal));
    }
}
