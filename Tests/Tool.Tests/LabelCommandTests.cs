using System.Buffers;
using System.Text;
using StreamLearn.Programs;

namespace Tool.Tests;

public sealed class LabelCommandTests
{
    private const string Topic = "sl/plant/console/up/label";

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_label_reaches_who_listens(bool overNats)
    {
        await using IAsyncDisposable server = overNats
            ? await RealNats.StartAsync(new() { JetStream = true }) : await Mosquitto.StartAsync();
        var url = (server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri).ToString().TrimEnd('/');
        await RetainAsync(url, Fleet);
        await using var device = new EnvelopedTransport(EdgeServer.Open(new(url), "sl-plant-pump-7", TimeSpan.FromHours(1), login: null));
        var reading = Task.Run(async () =>
        {
            await foreach (var message in device.SubscribeAsync(Topic, new(), Cancellation))
            {
                return Encoding.UTF8.GetString(message.Payload);
            }

            return "";
        }, Cancellation);

        (int ExitCode, string Output, string Error) ended;
        do
        {
            ended = await LinkTests.RunAsync(["label", "plant", "pump-7", "worn", "--url", url,
                "--from", "2026-03-01T12:00", "--to", "2026-03-01T13:30+01:00"]);
        }
        while (!reading.IsCompleted && ended.ExitCode == 0);

        Assert.Equal((0, $"sent to {url}: pump-7 was 'worn' from 2026-03-01T12:00:00Z to 2026-03-01T12:30:00Z\n", ""), ended);
        Assert.Equal("""{"device":"pump-7","class":"worn","from":"2026-03-01T12:00:00Z","to":"2026-03-01T12:30:00Z"}""", await reading);
    }

    [Theory]
    [InlineData("plant", "pump-9", "worn", 65, "fleet 'plant' has no device 'pump-9': expected one of pump-1, pump-7, or all")]
    [InlineData("plant", "all", "broken", 65, "fleet 'plant' has no class 'broken': expected one of good, worn")]
    [InlineData("plant", "all", "worn", 0, null)]
    [InlineData("early", "pump-1", "worn", 65, "device pump-1 takes no later labels: expected later: true in the sensor's file; "
        + "streamlearn-sensor config init --later writes it")]
    [InlineData("early", "all", "worn", 0, "device pump-1 takes no later labels: expected later: true in the sensor's file; "
        + "streamlearn-sensor config init --later writes it")]
    [InlineData("silent", "pump-7", "worn", 0,
        "whether later labels are learned is unknown of pump-7: an older sensor or aggregator does not say")]
    [InlineData("plan", "pump-7", "worn", 68, "no answer from a fleet 'plan' within 1 s: it has another name, its aggregator never ran "
        + "on this server, or the login may not read what it says")]
    [InlineData("older", "pump-9", "worn", 68, "no answer about the devices: an older aggregator gives none")]
    [InlineData("older", "pump-9", "broken", 65, "fleet 'older' has no class 'broken': expected one of good, worn")]
    [InlineData("lives", "all", "worn", 65, "fleet 'lives' learns the value 'life', and no classes")]
    public async Task What_a_fleet_does_not_know_is_said_and_not_sent(
        string fleet, string device, string label, int expected, string? reason)
    {
        await using var server = await Mosquitto.StartAsync();
        var url = server.Uri.ToString().TrimEnd('/');
        await RetainAsync(url, fleet switch
        {
            "early" => Fleet with { Later = [false, true] },
            "silent" => Fleet with { Later = [] },
            "older" => Fleet with { Devices = default },
            "lives" => Fleet with { Classes = [], Target = Field.Channel("life", Unit.One) },
            _ => Fleet,
        }, fleet == "plan" ? "plant" : fleet);

        var (exitCode, output, error) = await LinkTests.RunAsync(["label", fleet, device, label, "--from", "1h", "--url", url, "--wait",
            fleet == "plan" ? "1" : "20"]);

        Assert.Equal((expected, reason is null ? "" : $"streamlearn: {reason}\n"), (exitCode, error));
        Assert.Equal(expected != 65, output.StartsWith($"sent to {url}: {device} was '{label}' from ", StringComparison.Ordinal));
    }

    private static ModelSignature Fleet { get; } =
        new([Field.Channel("x", Unit.One)], 8, "conv") { Classes = ["good", "worn"], Devices = ["pump-1", "pump-7"], Later = [true, true] };

    private static async Task RetainAsync(string url, ModelSignature signature, string fleet = "plant")
    {
        await using var aggregator = new EnvelopedTransport(EdgeServer.Open(new(url), null, TimeSpan.FromHours(1), login: null));
        var payload = new ArrayBufferWriter<byte>();
        ModelSignature.Codec.Encode(signature, payload);
        await aggregator.PublishAsync(new FleetTopics($"sl/{fleet}").Signature, new(payload.WrittenMemory),
            new(new("aggregator", 1, 1)) { Retain = true, Codec = ModelSignature.Codec.Name }, Cancellation);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said()
    {
        var (exitCode, output, error) = await LinkTests.RunAsync(
            ["label", "plant", "all", "good", "--from", "1h ago", "--url", "mqtt://127.0.0.1:1", "--wait", "0.3"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("streamlearn: mqtt://127.0.0.1:1 has not accepted it: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--from: expected a time such as 2026-03-01T12:00, now or 10m (ago), got 'soon'", "plant", "soon", "now", "mqtt://h")]
    [InlineData("--to: expected a time after --from", "plant", "10m ago", "1h ago", "mqtt://h")]
    [InlineData("--url: expected mqtt://host[:1883], mqtts://, nats://host[:4222] or tls://, without user or path",
        "plant", "1h ago", "now", "mqtt://h/topic")]
    [InlineData("fleet: expected a name of letters, digits, '-' and '_', got 'a/b'", "a/b", "1h ago", "now", "mqtt://h")]
    public async Task What_cannot_be_is_a_bad_command_line(string expected, string fleet, string from, string to, string url)
    {
        var (exitCode, _, error) = await LinkTests.RunAsync(["label", fleet, "d", "good", "--from", from, "--to", to, "--url", url]);

        Assert.Equal((2, $"streamlearn: {expected} (see --help)\n"), (exitCode, error));
    }

    [Theory]
    [InlineData("now", "2026-03-02T10:00:00Z")]
    [InlineData("90s ago", "2026-03-02T09:58:30Z")]
    [InlineData("10m ago", "2026-03-02T09:50:00Z")]
    [InlineData("2h ago", "2026-03-02T08:00:00Z")]
    [InlineData("1d ago", "2026-03-01T10:00:00Z")]
    [InlineData("2026-03-01", "2026-03-01T00:00:00Z")]
    [InlineData("2026-03-01T12:00:00.5", "2026-03-01T12:00:00.5Z")]
    [InlineData("2026-03-01T12:00+01:00", "2026-03-01T11:00:00Z")]
    [InlineData("12:00", null)]
    [InlineData("10 ago", null)]
    [InlineData("-5m ago", null)]
    [InlineData("2147483647d ago", null)]
    [InlineData("10m", "2026-03-02T09:50:00Z")]
    [InlineData("10", null)]
    [InlineData("10m later", null)]
    public void Times_are_read_as_people_write_them(string text, string? expected) => Assert.Equal(
        expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
        LabelCommand.TimeOf(text, Now));
}
