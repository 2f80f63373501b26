using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace StreamLearn.Testing;

/// <summary>Publishes numbers, and writes each down once the server has confirmed it.</summary>
public sealed class NumberedMessages(ITransport transport, Topic topic, string path) : IDisposable
{
    private const int PerSecond = 500, PerTick = 10;

    private readonly Ledger _ledger = new(path);
    private long _confirmed;

    /// <summary>Numbers that the server has confirmed.</summary>
    public long Confirmed => Interlocked.Read(ref _confirmed);

    /// <inheritdoc />
    public void Dispose() => _ledger.Dispose();

    /// <summary>Offers 500 messages a second until told to end; done when all that were offered are confirmed.</summary>
    public async Task PublishAsync(CancellationToken end, CancellationToken cancellationToken)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds((double)PerTick / PerSecond), TimeProvider.System);
        using var window = new SemaphoreSlim(2 * PerSecond);        // what is offered and not taken waits here: memory stays bounded
        var open = new List<Task>();
        for (var number = 0L; !end.IsCancellationRequested;)
        {
            for (var i = 0; i < PerTick; i++)
            {
                await window.WaitAsync(cancellationToken).ConfigureAwait(false);
                open.Add(PublishAsync(number++, window, cancellationToken));
            }

            open.RemoveAll(t => t.IsCompletedSuccessfully);
            await ticks.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await Task.WhenAll(open).ConfigureAwait(false);
    }

    /// <summary>The number of a message.</summary>
    /// <exception cref="FormatException">It has none.</exception>
    public static long NumberOf(in Message message) =>
        Utf8Parser.TryParse(message.Payload.ToArray(), out long number, out _) ? number : throw new FormatException("expected a number");

    private async Task PublishAsync(long number, SemaphoreSlim window, CancellationToken cancellationToken)
    {
        var payload = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{number}")));
        await transport.PublishAsync(topic, payload, new(new("numbers", number)), cancellationToken).ConfigureAwait(false);
        _ledger.Write(number);
        Interlocked.Increment(ref _confirmed);
        window.Release();
    }
}
