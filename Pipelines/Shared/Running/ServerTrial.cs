using NATS.Client.Core;
using NATS.Client.JetStream;
using StreamLearn.Models;
using StreamLearn.Nats;

namespace StreamLearn.Programs;

/// <summary>What a fleet requires of its server. <paramref name="Bytes"/>: size of the largest message to store and forward.</summary>
internal sealed record FleetTrial(FleetTopics Topics, long Bytes)
{
    private const int HeaderBytes = 1024;       // size of topic and headers of an update

    /// <summary>Devices whose models are read, tried over MQTT.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    public static FleetTrial Of(LinkConfig link, ModelConfig model) => new(link.Topics, BytesOf(model.Create()));

    public static long BytesOf(IModel model) => (sizeof(float) * (long)model.Plan.Values) + HeaderBytes;
}

/// <summary>Sends a message of an update's size through a server and removes it if nothing received it.</summary>
/// <remarks>Created streams remain: deleting one would lose messages of a program that starts at the same time.</remarks>
internal static class ServerTrial
{
    private static readonly TimeSpan TimeToTidy = TimeSpan.FromSeconds(5);
    private static readonly NatsKeep Kept = new();      // all fleets use the default names

    /// <summary>Sends while subscribed; completes when the server confirms. The transport must be connected.</summary>
    internal static async Task<string?> SendAsync(ITransport transport, FleetTrial trial, CancellationToken deadline)
    {
        Topic topic = FormattableString.Invariant($"{trial.Topics.Run}/check/{Environment.ProcessId}");       // only this program reads it
        using var over = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var back = HearAsync(transport, topic, over.Token);
        Task[] models = transport is NatsTransport ? []         // there a subscription would consume waiting messages
            : [.. trial.Devices.Select(device => HearAsync(transport, trial.Topics.ModelsOf(device), over.Token))];
        try
        {
            // sent once the subscriptions are confirmed
            var sending = transport.PublishAsync(
                topic, new(new byte[trial.Bytes]), new(new("check", Environment.ProcessId)), deadline).AsTask();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Array.Find(models, static m => m.IsFaulted) is { } refused) { return refused.Exception!.GetBaseException().Message; }
            await sending.ConfigureAwait(false);
            if (back.IsFaulted) { await back.ConfigureAwait(false); }
            return null;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([back, .. models]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (transport is NatsTransport nats) { await TidyAsync(new(nats.Connection), topic).ConfigureAwait(false); }
        }
    }

    private static async Task HearAsync(ITransport transport, Topic topic, CancellationToken cancellationToken)
    {
        await foreach (var message in transport.SubscribeAsync(topic, new(), cancellationToken).ConfigureAwait(false))
        {
            message.Acknowledge();
            message.Dispose();
        }
    }

    private static async Task TidyAsync(NatsJSContext server, Topic topic)
    {
        using var over = new CancellationTokenSource(TimeToTidy);
        try
        {
            await server.PurgeStreamAsync(Kept.Stream, new() { Filter = topic.Value.Replace('/', '.') }, over.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException)
        {
            // no stream, or the earlier error matters more than a leftover message, which expires
        }
    }
}
