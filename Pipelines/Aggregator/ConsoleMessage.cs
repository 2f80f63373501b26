using System.Buffers;
using StreamLearn.Tables;

namespace Aggregator;

/// <summary>Sends an operator's command to a running aggregator over its server.</summary>
internal static class ConsoleMessage
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary><paramref name="effect"/>: reported consequence, such as <c>changes to fedavg</c>.</summary>
    internal static async Task<int> SendAsync<T>(LinkConfig link, Topic topic, ICodec<T> codec, T message, string effect)
        where T : class
    {
        if (link.Login is { Exists: false } missing)
        {
            Console.Error.WriteLine($"streamlearn-aggregator: there is no login file {missing}");
            return ProgramExit.LoginRefused;
        }

        var transport = link.Open(client: null);
        await using var _ = transport.ConfigureAwait(false);
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(message, buffer);
        var epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            PublishOptions options = new(new("console", Sequence: 1, epoch)) { Codec = codec.Name, Kind = codec.Kind };
            var bytes = Envelope.Seal(topic, new(buffer.WrittenMemory), options, TimeProvider.System.GetUtcNow());
            await transport.PublishAsync(topic, bytes, options, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or TransportException)
        {
            var why = Why(e, EdgeServer.LastFault(transport)).ReplaceLineEndings(" ");
            var isRefused = ServerCheck.IsOfLogin(why);
            Console.Error.WriteLine(
                $"streamlearn-aggregator: {EdgeServer.NameOf(link.Url)} {(isRefused ? "refuses it" : "cannot be reached")}: {why}");
            return isRefused ? ProgramExit.LoginRefused : ProgramExit.NoLink;
        }

        Console.Out.WriteLine(
            $"sent to {EdgeServer.NameOf(link.Url)}: fleet '{link.Fleet}' {effect} as soon as its aggregator receives it");
        return ProgramExit.Done;
    }

    private static string Why(Exception e, string fault) => e is TransportException ? e.Message
        : fault.Length > 0 ? fault : FormattableString.Invariant($"no answer within {Patience.TotalSeconds} s");
}
