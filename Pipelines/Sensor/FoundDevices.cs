using System.Collections.Immutable;
using System.Globalization;
using System.Threading.Channels;

namespace Sensor;

/// <summary>Discovers devices at run time by the level <c>+</c> of their topic.</summary>
/// <remarks>Uses a separate subscription: the message by which a device is discovered is not one of its rows.</remarks>
internal sealed class FoundDevices : IAsyncDisposable
{
    private const string FileName = "found-devices";
    private const int MaxTopics = 10_000;      // maximum remembered topics

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly ServerConfig _source;
    private readonly string? _file;
    private readonly Action<string> _say;
    private readonly ITransport _server;
    private readonly CancellationTokenSource _over = new();
    private readonly Channel<string> _names = Channel.CreateUnbounded<string>();     // bounded by the number of devices
    private readonly HashSet<string> _topics = new(StringComparer.Ordinal);
    private readonly Task _listening;
    private long _beyond;
    private long _retained;         // retained messages of unknown devices

    private FoundDevices(ServerConfig source, string? file, Action<string> say)
    {
        (_source, _file, _say) = (source, file, say);
        Names = file is null || !File.Exists(file) ? []
            : [.. File.ReadAllLines(file).Where(LinkConfig.IsDeviceName).Distinct(StringComparer.Ordinal).Take(source.AtMost!.Value)];
        _topics.UnionWith(Names.Select(source.TopicOf));
        _server = EdgeServer.OpenSource(source.Url, client: null, TimeSpan.FromMinutes(1), source.Login);
        _listening = ListenAsync(_over.Token);
    }

    internal ImmutableArray<string> Names { get; private set; }

    /// <summary>A note on ignored retained messages; may be empty.</summary>
    internal string RetainedText => Interlocked.Read(ref _retained) is > 0 and var retained ? $"; {ServerConfig.LeftOut(retained)}" : "";

    /// <summary>Starts with the devices in the state folder.</summary>
    internal static FoundDevices Open(ServerConfig source, DirectoryInfo state, Action<string> say) =>
        new(source, Path.Join(state.FullName, FileName), say);

    /// <summary>Listens until no new device appears for a while.</summary>
    internal static async Task<(ServerConfig Source, string RetainedText)> FirstAsync(ServerConfig source, TimeSpan longest)
    {
        var found = new FoundDevices(source, file: null, static _ => { });
        await using var _ = found.ConfigureAwait(false);
        using var over = new CancellationTokenSource(longest);
        try
        {
            await found.NextAsync(over.Token).ConfigureAwait(false);
            while (true)
            {
                using var settled = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
                settled.CancelAfter(Settled);
                await found.NextAsync(settled.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return (source with { Devices = found.Names }, found.RetainedText);
        }
    }

    internal ValueTask<string> NextAsync(CancellationToken cancellationToken) => _names.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        _over.Dispose();
        if (_retained > 0) { _say(ServerConfig.LeftOut(_retained)); }
        if (_beyond > 0)
        {
            _say(string.Create(CultureInfo.InvariantCulture, $"{_beyond} messages of devices that were not accepted are dropped"));
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var level = Array.IndexOf(_source.Topic.Split('/'), "+");
        try
        {
            await foreach (var message in _server.SubscribeAsync(_source.Topic, new() { Durable = false }, cancellationToken)
                .ConfigureAwait(false))
            {
                var topic = message.Topic.Value;
                var isRetained = message.IsRetained && !_source.TakesRetained;     // a retained message does not show an active device
                message.Acknowledge();
                message.Dispose();
                if (isRetained)
                {
                    if (!_topics.Contains(topic)) { Interlocked.Increment(ref _retained); }
                }
                else if (_topics.Contains(topic))
                {
                    if (!Names.Contains(topic.Split('/')[level])) { _beyond++; }
                }
                else { Find(topic, topic.Split('/')[level]); }
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) when (e is TransportException or IOException or UnauthorizedAccessException)
        {
            _say($"stopped looking for other devices on {_source.Topic}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private void Find(string topic, string name)
    {
        var isMany = _topics.Count >= MaxTopics;
        if (!isMany) { _topics.Add(topic); }
        if (Names.Length < _source.AtMost && LinkConfig.IsDeviceName(name))
        {
            Names = Names.Add(name);
            if (_file is not null) { Keep(_file); }
            _names.Writer.TryWrite(name);
            return;
        }

        _beyond++;
        if (isMany) { return; }
        _say(LinkConfig.IsDeviceName(name)
            ? FormattableString.Invariant($"{name} is ignored: at_most is {_source.AtMost}, and this many devices are there")
            : FormattableString.Invariant($"'{PrintableText.Of(Short(name))}' is left out: expected a name of 1 to {LinkConfig.MaxName} ")
                + $"letters, digits, '-' and '_' on {_source.Topic}");
    }

    private static string Short(string name) => name.Length <= LinkConfig.MaxName ? name : $"{name[..LinkConfig.MaxName]}…";

    private void Keep(string file)
    {
        File.WriteAllLines($"{file}.new", Names);
        File.Move($"{file}.new", file, overwrite: true);
    }
}
