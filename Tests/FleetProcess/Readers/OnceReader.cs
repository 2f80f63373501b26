using StreamLearn.Nats;
using StreamLearn.Testing;

namespace FleetProcess;

/// <summary>Reads numbers of a stream and applies each once, whatever is delivered twice: with each it writes down the number that the
/// stream gave it, in one write, and passes over what it finds there. Made to be killed.</summary>
internal static class OnceReader
{
    internal static async Task RunAsync(string server, string filter, string path, long saysAfter)
    {
        await using var transport = new NatsTransport(new()
        {
            Servers = [new(server)],
            InitialReconnectDelay = TimeSpan.FromMilliseconds(50),
            Keep = new() { Topics = [filter], Reader = "reader", AckWait = TimeSpan.FromSeconds(1) },
        });
        var applied = Ledger.ReadSequences(path).ToHashSet();
        using var ledger = new Ledger(path);
        var read = 0L;
        await foreach (var message in transport.SubscribeAsync(new(filter), new(), CancellationToken.None))
        {
            using (message)
            {
                var sequence = message.Origin.Sequence;
                if (applied.Add(sequence)) { ledger.Write(NumberedMessages.NumberOf(message), sequence); }
                message.Acknowledge();
            }

            if (++read == saysAfter) { Console.WriteLine("enough"); }
        }
    }
}
