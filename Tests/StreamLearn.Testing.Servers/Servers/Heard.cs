using System.Text;
using System.Text.Json;
using Xunit;

namespace StreamLearn.Testing;

/// <summary>What has come on a topic.</summary>
public sealed class Heard : IAsyncDisposable
{
    /// <summary>What comes at once after a device was busy: over NATS, what does not fit is lost.</summary>
    private const int Burst = 10_000;

    private readonly List<string> _texts = [];
    private readonly CancellationTokenSource _over = new();
    private readonly Task _listening;

    private Heard(ITransport transport, Topic topic) => _listening = ListenAsync(transport, topic);

    /// <summary>Listens: what is published from then on comes.</summary>
    public static async Task<Heard> StartAsync(ITransport transport, Topic topic)
    {
        var heard = new Heard(transport, topic);
        Topic probe = topic.Value.Replace("+", "probe", StringComparison.Ordinal);
        while (heard.Count == 0)
        {
            await transport.PublishAsync(probe, new("probe"u8.ToArray()), new(), TestContext.Current.CancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return heard;
    }

    /// <summary>Messages, also those that only show that somebody listens.</summary>
    private int Count
    {
        get
        {
            lock (_texts) { return _texts.Count; }
        }
    }

    /// <summary>Waits until messages have come.</summary>
    public async Task UntilAsync(int messages)
    {
        while (Read().Count < messages)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The messages so far.</summary>
    public List<T> Read<T>(ICodec<T> codec)
        where T : class => [.. Read().Select(text => codec.TryDecode(new(Encoding.UTF8.GetBytes(text)), new(), out var value) ? value
            : throw new JsonException(text))];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _listening;
        _over.Dispose();
    }

    private List<string> Read()
    {
        lock (_texts) { return [.. _texts.Where(static t => t != "probe")]; }
    }

    private async Task ListenAsync(ITransport transport, Topic topic)
    {
        try
        {
            await foreach (var message in transport.SubscribeAsync(topic, new() { Capacity = Burst }, _over.Token))
            {
                lock (_texts) { _texts.Add(Encoding.UTF8.GetString(message.Payload)); }
                message.Acknowledge();
                message.Dispose();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
