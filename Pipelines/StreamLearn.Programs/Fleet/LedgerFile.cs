using System.Buffers;
using System.Runtime.CompilerServices;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>A file as publication target, a line per message: source, epoch, sequence and text, tab-separated.</summary>
/// <remarks>Lines are written once a checkpoint holds them. A restart rewrites unconfirmed lines with the same identity, which readers
/// drop. Subscriptions are not supported.</remarks>
/// <param name="file">The file to append to.</param>
internal sealed class LedgerFile(string file) : ITransport
{
    private readonly Lock _gate = new();

    /// <inheritdoc />
    public string Name => "ledger";

    /// <summary>Opens a ledger in a writable file.</summary>
    /// <param name="file">The file; null: no ledger.</param>
    /// <exception cref="StateFolderException">The file cannot be written.</exception>
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

    /// <inheritdoc />
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

    /// <inheritdoc />
    public async IAsyncEnumerable<Message> SubscribeAsync(
        Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield break;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Returns a ledger's distinct messages, without identities.</summary>
    /// <param name="lines">The lines of its file.</param>
    public static IEnumerable<string> Read(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var parts = line.Split('\t', 4);
            if (parts.Length == 4 && seen.Add($"{parts[0]} {parts[1]} {parts[2]}")) { yield return parts[3].Replace('|', '\n'); }
        }
    }
}
