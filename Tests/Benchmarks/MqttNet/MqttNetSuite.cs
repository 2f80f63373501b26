namespace Benchmarks;

/// <summary>
/// Why the library has a client of MQTT of its own: what a message costs beside MQTTnet's client and the transport over it, and, with
/// <c>--check</c>, what each makes of servers and connections that go wrong.
/// </summary>
internal sealed class MqttNetSuite : Suite
{
    private const int Repeats = 5;
    private static readonly MqttLoad[] Loads = [new(64, 0), new(64, 1), new(4096, 0), new(4096, 1)];
    internal override string Name => "mqttnet";
    internal override IReadOnlyList<Case> Cases { get; } = [.. Loads.Select(Receive), .. Loads.Select(Publish)];

    /// <summary>Prints a row for each way to go wrong. False if ours goes one of them.</summary>
    internal override bool Check(TextWriter output)
    {
        output.WriteLine("| what | MQTTnet | ours |");
        output.WriteLine("|---|---|---|");
        var isRight = true;
        foreach (var row in MqttNetRows.All)
        {
            var (theirs, ours) = (row.TheirsAsync().GetAwaiter().GetResult(), row.OursAsync().GetAwaiter().GetResult());
            isRight &= ours.IsRight;
            output.WriteLine($"| {row.What} | {theirs.Text} | {ours.Text} |");
        }
        return isRight;
    }

    private static Case Receive(MqttLoad load) => new($"receive.{load.Bytes}.q{load.Qos}", "µs cpu",
        new("streamlearn", () => MqttRun.Receive(load)),
        new Contender("mqttnet", () => MqttNetRun.Receive(load)),
        new Contender("transport over it", () => MqttNetRun.ReceiveByTransport(load)))
    {
        Repeats = Repeats,
    };

    private static Case Publish(MqttLoad load) => new($"publish.{load.Bytes}.q{load.Qos}", "µs cpu",
        new("streamlearn", () => MqttRun.Publish(load)),
        new Contender("mqttnet", () => MqttNetRun.Publish(load)),
        new Contender("transport over it", () => MqttNetRun.PublishByTransport(load)))
    {
        Repeats = Repeats,
    };
}
