using System.Buffers;
using System.Runtime.CompilerServices;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>A file to which messages are published, one line per message: source, epoch, sequence and text, tab-separated.</summary>
/// <remarks>Lines are written once a checkpoint includes them. A restart rewrites unconfirmed lines with the same identity, which readers
/// drop. Subscriptions are not supported.</remarks>
internal sealed class LedgerFile(string file) : ITransport
{
    private readonly Lock _gate = new();

    public string Name => "ledger";

    public static LedgerFile? Open(FileInfo? file)
    {
        if (file is null) { return null; }
        try
        {
            File.AppendAllText(file.FullName, "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException(
                $"--ledger: {file} cannot be written to: {e.Message.ReplaceLineEndings(" ")}", ProgramExit.StateUnusable, e);
        }

        return new(file.FullName);
    }

    public ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (source, sequence, epoch) = options.Origin;
        if (Envelope.TryRead(payload, out _, out var inner, out _)) { payload = inner; }
        var text = Encoding.UTF8.GetString(payload).Replace('\n', '|');
        var line = string.Create(CultureInfo.InvariantCulture, $"{source}\t{epoch}\t{sequence}\t{text}\n");
        lock (_gate) { File.AppendAllText(file, line); }
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<Message> SubscribeAsync(
        Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield break;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Returns a ledger's distinct messages, without identities.</summary>
    public static IEnumerable<string> Read(IEnumerable<string> lines)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var parts = line.Split('\t', 4);
            if (parts.Length == 4 && seen.Add($"{parts[0]} {parts[1]} {parts[2]}")) { yield return parts[3].Replace('|', '\n'); }
        }
    }
}
