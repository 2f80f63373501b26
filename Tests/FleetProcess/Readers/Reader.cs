using System.Buffers;
using System.Buffers.Text;
using StreamLearn.Mqtt;
using StreamLearn.Testing;

namespace FleetProcess;

/// <summary>Reads numbers from a server and writes each down before it confirms it: made to be killed.</summary>
internal static class Reader
{
    // Arguments: server, version, client identifier, filter, ledger, and after how many messages it says so; then, if there is a will,
    // its topic and delay in seconds: it publishes "here" there, and its will says "gone". Of NATS: server, filter, ledger, and after
    // how many.
    internal static async Task<int> RunAsync(string[] args)
    {
        if (args[0].StartsWith("nats", StringComparison.Ordinal))
        {
            await OnceReader.RunAsync(args[0], args[1], args[2], long.Parse(args[3], CultureInfo.InvariantCulture));
            return 0;
        }

        if (args[2] == "net")
        {
            var says = long.Parse(args[5], CultureInfo.InvariantCulture);
            await NetReader.RunAsync(new(args[0]), Enum.Parse<MqttVersion>(args[1]), args[3], args[4], says);
            return 0;
        }

        if (args[2] == "sums")
        {
            await Sums.RunAsync(args[0], Enum.Parse<MqttVersion>(args[1]), args[3]);
            return 0;
        }

        if (args[2] == "relay")
        {
            var count = int.Parse(args[7], CultureInfo.InvariantCulture);
            await Relay.RunAsync(args[0], Enum.Parse<MqttVersion>(args[1]), (args[3], args[4]), args[5], args[6], count);
            return 0;
        }

        var (server, version, id, filter, path) = (args[0], Enum.Parse<MqttVersion>(args[1]), args[2], args[3], args[4]);
        var saysAfter = long.Parse(args[5], CultureInfo.InvariantCulture);
        await using var transport = new MqttTransport(new()
        {
            Server = new(server),
            Version = version,
            ClientId = id,
            InitialReconnectDelay = TimeSpan.FromMilliseconds(50),
            Will = args.Length > 6
                ? new(new(args[6]), "gone"u8.ToArray()) { Delay = TimeSpan.FromSeconds(int.Parse(args[7], CultureInfo.InvariantCulture)) }
                : null,
        });
        if (args.Length > 6)
        {
            await transport.PublishAsync(new(args[6]), new("here"u8.ToArray()), new(new("reader", 0)), CancellationToken.None);
        }

        using var ledger = new Ledger(path);
        var read = 0L;
        await foreach (var message in transport.SubscribeAsync(new(filter), new(), CancellationToken.None))
        {
            using (message)
            {
                if (!Utf8Parser.TryParse(message.Payload.ToArray(), out long number, out _)) { return 1; }
                ledger.Write(number);
                message.Acknowledge();
            }

            if (++read == saysAfter) { Console.WriteLine("enough"); }
        }

        return 0;
    }
}
