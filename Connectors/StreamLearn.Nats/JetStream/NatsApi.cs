using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>Single requests about streams and consumers; callers retry. All methods throw <see cref="NatsJSApiException"/> if the server
/// refuses, and <see cref="TransportException"/> without a reply.</summary>
internal sealed class NatsApi
{
    private const int NotFound = 404, Failed = 500, NotNow = 503, NoPeers = 10005, NameInUse = 10058, Overlap = 10065;
    private const int NoResources = 10023, NoMemory = 10028, NotOfAccount = 10039, NoStorage = 10047;
    private const int NoStreamFile = 10049, NotStored = 10077, NoConsumerFile = 10104;
    private const int MaxTries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly NatsJSContext _context;
    private readonly NatsLink _link;

    internal NatsApi(NatsLink link) => (_link, _context) = (
        link, new(link.Connection, new NatsJSOpts(link.Connection.Opts, requestTimeout: link.AnswerWithin)));

    internal static bool IsTransient(Exception failure) => failure switch
    {
        NatsJSApiException { Error.ErrCode: NotOfAccount or NoMemory or NoStorage } => false,
        NatsJSApiException { Error: { Code: NotNow or Failed } or { ErrCode: NoPeers } } => true,
        TransportException e => e.IsTransient,
        _ => failure is OperationCanceledException,
    };

    /// <summary>Returns true if the storage is full, so that a retry would fail too.</summary>
    internal static bool IsFull(ApiError error) => error.ErrCode == NoResources
        || (error.ErrCode == NotStored && error.Description?.StartsWith("maximum ", StringComparison.Ordinal) == true);

    internal static string Text(string asked, ApiError error) =>
        FormattableString.Invariant($"{asked}: {PrintableText.Of(error.Description ?? "no reason given")} ({error.Code}, {error.ErrCode})")
        + error.ErrCode switch
        {
            NotOfAccount => ": enable it there (jetstream: enabled)",
            NoStorage => ": it exceeds the remaining max_file_store of the server or max_file of the account",
            NoStreamFile or NoConsumerFile => "; is the server's disk full, or its folder missing?",
            NotStored when !IsFull(error) => "; is the server's disk full?",
            _ => "",
        };

    internal static TransportException None(NatsLink link, Exception? cause) =>
        new($"{link.Name}: the server has no JetStream (nats-server -js)", isTransient: false, cause);

    /// <summary>Null: there is no such stream.</summary>
    internal Task<StreamInfo?> StreamAsync(string name, CancellationToken cancellationToken) => FoundAsync(
        AskAsync($"STREAM.INFO.{name}", async () => (await _context.GetStreamAsync(name).ConfigureAwait(false)).Info, cancellationToken));

    /// <summary>Does not change an existing stream.</summary>
    internal async Task<StreamInfo> RequireStreamAsync(StreamConfig stream, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            if (await StreamAsync(stream.Name!, cancellationToken).ConfigureAwait(false) is { } there) { return there; }
            try
            {
                return await AskAsync($"STREAM.CREATE.{stream.Name}",
                    async () => (await _context.CreateStreamAsync(stream).ConfigureAwait(false)).Info, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (NatsJSApiException e) when (tries < MaxTries && e.Error.ErrCode is NameInUse or Overlap)
            {
                // a concurrent creation: its subjects are occupied before its name is found
                await Task.Delay(Pause, _link.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    internal Task<ConsumerInfo> CreateConsumerAsync(string stream, ConsumerConfig consumer, CancellationToken cancellationToken) =>
        AskAsync($"CONSUMER.CREATE.{stream}.{consumer.Name}.{consumer.FilterSubject}",
            async () => (await _context.CreateOrUpdateConsumerAsync(stream, consumer).ConfigureAwait(false)).Info, cancellationToken);

    /// <summary>Null: there is no such consumer or stream.</summary>
    internal Task<ConsumerInfo?> ConsumerAsync(string stream, string name, CancellationToken cancellationToken) => FoundAsync(
        AskAsync($"CONSUMER.INFO.{stream}.{name}",
            async () => (await _context.GetConsumerAsync(stream, name).ConfigureAwait(false)).Info, cancellationToken));

    internal async Task DeleteConsumerAsync(string stream, string name, CancellationToken cancellationToken) => await FoundAsync(
        AskAsync($"CONSUMER.DELETE.{stream}.{name}",
            async () => (object)await _context.DeleteConsumerAsync(stream, name).ConfigureAwait(false), cancellationToken))
        .ConfigureAwait(false);

    /// <summary>Returns the first message of a filter from a number on; null: none.</summary>
    internal async Task<StoredMessage?> MessageAsync(string stream, long sequence, string filter, CancellationToken cancellationToken) =>
        (await FoundAsync(AskAsync($"STREAM.MSG.GET.{stream}",
            () => _context.JSRequestResponseAsync<StreamMsgGetRequest, StreamMsgGetResponse>(
                $"{_context.Opts.Prefix}.STREAM.MSG.GET.{stream}", new() { Seq = (ulong)sequence, NextBySubj = filter }),
            cancellationToken)).ConfigureAwait(false))?.Message;

    /// <summary>Returns true if the server reports that no stream has the subject; false if one has it, or it is unknown.</summary>
    internal async Task<bool> IsUntakenAsync(string subject, CancellationToken cancellationToken)
    {
        try
        {
            var names = await AskAsync("STREAM.NAMES", () => _context.JSRequestResponseAsync<StreamNamesRequest, StreamNamesResponse>(
                $"{_context.Opts.Prefix}.STREAM.NAMES", new() { Subject = subject }), cancellationToken).ConfigureAwait(false);
            return names is { Total: 0, Limit: > 0, Streams: null or { Count: 0 } };
        }
        catch (Exception e) when (e is TransportException or NatsJSApiException or OperationCanceledException) { return false; }
    }

    private static async Task<T?> FoundAsync<T>(Task<T> asking)
        where T : class
    {
        try { return await asking.ConfigureAwait(false); }
        catch (NatsJSApiException e) when (e.Error.Code == NotFound) { return null; }
    }

    private async Task<T> AskAsync<T>(string what, Func<ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        try { return await _link.AskAsync($"{_context.Opts.Prefix}.{what}", ask, cancellationToken).ConfigureAwait(false); }
        catch (NatsNoRespondersException e)
        {
            throw _link.Server is { JetStreamAvailable: false } ? None(_link, e)
                : new TransportException($"{_link.Name}: no answer to '{what}'", isTransient: true, e);
        }
        catch (Exception e) when (e is JsonException || e.GetBaseException() is JsonException)
        {
            throw new TransportException($"{_link.Name}: '{what}': the answer cannot be read", isTransient: false, e);
        }
        catch (Exception e) when (e is NatsException and not NatsJSApiException or TimeoutException)
        {
            throw new TransportException($"{_link.Name}: '{what}': no answer came in time", isTransient: true, e);
        }
        catch (Exception e) when (e is not (NatsJSApiException or TransportException or OperationCanceledException))
        {
            // callers that await stream and consumer would wait forever
            throw new TransportException($"{_link.Name}: '{what}': {e.GetType().Name}: {e.Message}", isTransient: false, e);
        }
    }
}
