using System.Buffers;
using System.Buffers.Text;
using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Publishes numbers, and writes each down once the server has confirmed it.</summary>
internal sealed class NumberedMessages(ITransport transport, Topic topic, string path) : IDisposable
{
    private const int PerSecond = 500, PerTick = 10;

    private readonly Ledger _ledger = new(path);
    private long _confirmed;

    internal long Confirmed => Interlocked.Read(ref _confirmed);

    public void Dispose() => _ledger.Dispose();

    /// <summary>Offers 500 messages a second until told to end; done when all that were offered are confirmed.</summary>
    internal async Task PublishAsync(CancellationToken end)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds((double)PerTick / PerSecond), TimeProvider.System);
        using var window = new SemaphoreSlim(2 * PerSecond);        // what is offered and not taken waits here: memory stays bounded
        var open = new List<Task>();
        for (var number = 0L; !end.IsCancellationRequested;)
        {
            for (var i = 0; i < PerTick; i++)
            {
                await window.WaitAsync(TestContext.Current.CancellationToken);
                open.Add(PublishAsync(number++, window));
            }

            open.RemoveAll(t => t.IsCompletedSuccessfully);
            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(open);
    }

    internal static long NumberOf(in Message message) =>
        Utf8Parser.TryParse(message.Payload.ToArray(), out long number, out _) ? number : throw new FormatException("expected a number");

    private async Task PublishAsync(long number, SemaphoreSlim window)
    {
        var payload = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(number.ToString()));
        await transport.PublishAsync(topic, payload, new(new("numbers", number)), TestContext.Current.CancellationToken);
        _ledger.Write(number);
        Interlocked.Increment(ref _confirmed);
        window.Release();
    }
}
