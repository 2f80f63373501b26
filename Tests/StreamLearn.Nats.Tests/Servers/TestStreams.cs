using NATS.Client.Core;

namespace StreamLearn.Nats.Tests;

/// <summary>Streams of a server, as a test looks at them.</summary>
internal static class TestStreams
{
    internal static NatsJSContext Streams(this NatsTransport transport) => new(transport.Connection);

    /// <summary>How a stream is; null: there is none.</summary>
    internal static async Task<StreamInfo?> StreamAsync(this NatsTransport transport, string name)
    {
        try { return (await transport.Streams().GetStreamAsync(name, cancellationToken: Cancellation)).Info; }
        catch (NatsJSApiException e) when (e.Error.Code == 404) { return null; }
    }

    /// <summary>All consumers of a stream; none where there is no stream.</summary>
    internal static async Task<List<ConsumerInfo>> ConsumersAsync(this NatsTransport transport, string stream)
    {
        List<ConsumerInfo> found = [];
        try
        {
            await foreach (var consumer in transport.Streams().ListConsumersAsync(stream, Cancellation)) { found.Add(consumer.Info); }
        }
        catch (NatsJSApiException e) when (e.Error.Code == 404) { found.Clear(); }
        return found;
    }

    internal static async Task CreateStreamAsync(this NatsTransport transport, StreamConfig stream) =>
        await transport.Streams().CreateStreamAsync(stream, Cancellation);

    /// <summary>Waits until a stream has so many consumers: a subscription has one a moment after it was made.</summary>
    internal static async Task UntilReadAsync(this NatsTransport transport, string stream, int consumers)
    {
        while ((await transport.ConsumersAsync(stream)).Count < consumers) { Cancellation.ThrowIfCancellationRequested(); }
    }

    internal static async Task UntilEmptyAsync(this NatsTransport transport, string stream)
    {
        while ((await transport.StreamAsync(stream))!.State.Messages > 0) { Cancellation.ThrowIfCancellationRequested(); }
    }
}

/// <summary>What is below a transport: a link, and what goes over it into streams.</summary>
internal sealed class TestLink : IAsyncDisposable
{
    internal TestLink(NatsOptions options, TimeProvider? time = null)
    {
        Link = new(options.Checked(), time ?? TimeProvider.System);
        Api = new(Link);
        Publisher = new(Link, Api);
    }

    internal NatsLink Link { get; }
    internal NatsApi Api { get; }
    internal JetPublisher Publisher { get; }

    internal string LastFault
    {
        get { lock (Link.Gate) { return Link.Counters.LastFault; } }
    }

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        Publisher.Dispose();
    }

    internal Task PublishAsync(string subject, byte[]? payload = null, string? id = null, CancellationToken? cancellation = null)
    {
        NatsHeaders? headers = id is null ? null : new(caseSensitive: true) { ["Nats-Msg-Id"] = id };
        return Publisher.PublishAsync(subject, headers, new(new(payload ?? [])), cancellation ?? TestContext.Current.CancellationToken);
    }

    /// <summary>The payloads of a stream, in its order.</summary>
    internal async Task<List<byte[]>> ReadAsync(string stream, int count)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var consumer = await new NatsJSContext(Link.Connection).CreateOrderedConsumerAsync(stream, cancellationToken: cancellation);
        List<byte[]> read = [];
        await foreach (var message in consumer.ConsumeAsync<byte[]>(cancellationToken: cancellation))
        {
            read.Add(message.Data ?? []);
            if (read.Count == count) { break; }
        }
        return read;
    }
}

/// <summary>Messages that a test publishes as another program does.</summary>
internal static class Strangers
{
    internal static async Task<NatsConnection> OpenAsync(Uri server)
    {
        var connection = new NatsConnection(new() { Url = server.ToString() });
        await connection.ConnectAsync();
        return connection;
    }

    internal static string Text(this in Message message) => Encoding.UTF8.GetString(message.Payload.ToArray());
}
