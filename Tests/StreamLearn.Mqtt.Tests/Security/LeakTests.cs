using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A transport is run, refused and cut with secrets; then all that came out of it is searched for them.</summary>
public sealed class LeakTests
{
    private const string User = "pump-user-7f3a", Password = "correct horse/battery:staple";
    private static readonly Topic Level = new("plant/level");

    [Theory, InlineData(MqttVersion.V311, true, false), InlineData(MqttVersion.V311, false, true), InlineData(MqttVersion.V5, true, true)]
    [InlineData(MqttVersion.V5, true, false), InlineData(MqttVersion.V5, false, true)]
    public async Task A_run_with_a_password_tells_it_to_nobody(MqttVersion version, bool isRight, bool isInUri)
    {
        using var said = new Said();
        await using var server = await Mosquitto.StartAsync(
            new() { Users = ImmutableDictionary<string, string>.Empty.Add(User, isRight ? Password : "another") });
        await using var proxy = new FaultProxy(server.Port);
        var options = new MqttOptions
        {
            Server = isInUri
                ? new($"mqtt://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@127.0.0.1:{proxy.Port}")
                : proxy.Uri,
            Version = version,
            Credentials = isInUri ? null : static _ => ValueTask.FromResult(new MqttCredentials(User, Encoding.UTF8.GetBytes(Password))),
            InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
            Will = new(Level, Encoding.UTF8.GetBytes(Password)),
        };
        await RunAsync(options, said, isRight, proxy.Cut);

        said.HasNone(Password, Uri.EscapeDataString(Password), Convert.ToBase64String(Encoding.UTF8.GetBytes(Password)), User);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_run_with_a_clients_key_tells_it_to_nobody(bool isTaken)
    {
        using TestAuthority ours = new(), others = new();
        using var certificate = ours.ForServer("localhost");
        using var own = (isTaken ? ours : others).ForClient("pump");
        using var key = own.GetECDsaPrivateKey();
        var secret = Convert.ToBase64String(key!.ExportParameters(includePrivateParameters: true).D!);
        using var said = new Said();
        await using var server = await Mosquitto.StartAsync(new() { Certificate = certificate, ClientAuthority = ours.Certificate });
        var options = new MqttOptions
        {
            Server = server.TlsUri,
            TrustedRoots = ours.Roots,
            ClientCertificate = own,
            InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
        };
        await RunAsync(options, said, isTaken, static () => { });

        said.HasNone(secret, key.ExportPkcs8PrivateKeyPem().Split('\n')[1]);
    }

    [Fact]
    public async Task A_file_of_credentials_that_is_not_there_or_has_one_line_tells_nothing()
    {
        using var folder = new TemporaryFolder();
        using var said = new Said();
        await File.WriteAllTextAsync(folder.File("login"), $"{Password}", Cancellation);       // the lines in the wrong order
        said.Add(await MqttCredentials.FromFileAsync(folder.File("login"), Cancellation));
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(new()
        {
            Server = server.Uri,
            Credentials = token => MqttCredentials.FromFileAsync(folder.File(Password.Replace('/', '-')), token),
        });
        using var end = new CancellationTokenSource();
        var publishing = transport.PublishAsync(Level, new(new byte[1]), new(new("test", 0)), end.Token).AsTask();
        await Long.UntilAsync(() => transport.Status.Publishing.LastFault.Length > 0, () => Long.Text(transport.Status));
        said.Add(transport.Status, transport.Status.Publishing);
        await end.CancelAsync();
        said.Add(await Record.ExceptionAsync(() => ScriptedServer.Patiently(publishing)));

        said.HasNone(Password, Password.Replace('/', '-'));
    }

    /// <summary>Publishes, reads, loses the connection, publishes again and ends; what is said at each step is kept.</summary>
    private static async Task RunAsync(MqttOptions options, Said said, bool isTaken, Action cut)
    {
        var transport = new MqttTransport(options);
        using var end = new CancellationTokenSource();
        var messages = transport.SubscribeAsync(Level, new(), end.Token).GetAsyncEnumerator(Cancellation);
        var reading = messages.MoveNextAsync().AsTask();
        var given = Task.CompletedTask;
        said.Add(options, options.Will, transport, transport.Name, transport.Status);
        for (var i = 0; i < 2; i++)
        {
            var publishing = transport.PublishAsync(Level, new(new byte[1]), new(new("test", i)), end.Token).AsTask();
            if (isTaken) { await ScriptedServer.Patiently(publishing); }
            else
            {
                // what is published waits until the subscription is answered
                await Long.UntilAsync(
                    () => publishing.IsCompleted || transport.Status.Subscriptions[0].LastFault.Length > 0,
                    () => Long.Text(transport.Status));
                if (i == 0) { given = publishing; }
                else
                {
                    await end.CancelAsync();
                    said.Add(await Record.ExceptionAsync(() => ScriptedServer.Patiently(given)));
                    said.Add(await Record.ExceptionAsync(() => ScriptedServer.Patiently(publishing)));
                }
            }
            said.Add(transport.Status, transport.Status.Publishing, transport.Status.Subscriptions[0]);
            said.Add([.. transport.ConnectionsAsync(new(canceled: true)).ToBlockingEnumerable(Cancellation)]);
            said.Measure();
            cut();
        }
        if (isTaken)
        {
            Assert.True(await ScriptedServer.Patiently(reading));
            said.Add(messages.Current, messages.Current.Origin, messages.Current.Properties);
            messages.Current.Dispose();
            messages.Current.Acknowledge();
        }
        else { said.Add(await Record.ExceptionAsync(() => ScriptedServer.Patiently(reading))); }

        await messages.DisposeAsync();
        await transport.DisposeAsync();
        said.Add(transport, transport.Status);
        said.Add(await Record.ExceptionAsync(() => transport.PublishAsync(Level, default, default, Cancellation).AsTask()));
        Assert.NotEqual(isTaken, transport.Status.Publishing.Connects == 0);
    }

    /// <summary>All that was printed, thrown, measured, traced or logged by the library and by the runtime's network below it.</summary>
    private sealed class Said : IDisposable
    {
        private readonly ConcurrentQueue<string> _texts = [];
        private readonly MeterListener _meters = new();
        private readonly ActivityListener _activities;
        private readonly Events _events;

        internal Said()
        {
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (!instrument.Meter.Name.StartsWith("StreamLearn", StringComparison.Ordinal)) { return; }
                Add(instrument.Name, instrument.Description, instrument.Unit);
                listener.EnableMeasurementEvents(instrument);
            };
            _meters.SetMeasurementEventCallback<long>((_, _, tags, _) => { foreach (var tag in tags) { Add(tag.Key, tag.Value); } });
            _meters.Start();
            _activities = new()
            {
                ShouldListenTo = static source => source.Name.StartsWith("StreamLearn", StringComparison.Ordinal),
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = a => Add(a.DisplayName, string.Join(' ', a.TagObjects)),
            };
            ActivitySource.AddActivityListener(_activities);
            _events = new(this);
        }

        public void Dispose()
        {
            _events.Dispose();
            _activities.Dispose();
            _meters.Dispose();
        }

        internal void Add(params ReadOnlySpan<object?> values)
        {
            foreach (var value in values)
            {
                _texts.Enqueue($"{value}");
                for (var e = (value as Exception)?.InnerException; e is not null; e = e.InnerException)
                {
                    _texts.Enqueue($"{e.Message} {e.Data}");
                }
            }
        }

        internal void Measure() => _meters.RecordObservableInstruments();

        internal void HasNone(params string[] secrets)
        {
            Assert.True(_texts.Count >= 5, "too little was said for a run");
            Assert.All(_texts,
                text => Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase)));
        }

        private sealed class Events(Said said) : EventListener
        {
            protected override void OnEventSourceCreated(EventSource eventSource)
            {
                if (eventSource.Name.StartsWith("StreamLearn", StringComparison.Ordinal)) { EnableEvents(eventSource, EventLevel.Verbose); }
            }

            protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
                said?.Add(eventData.EventName, string.Join(' ', eventData.Payload ?? []));
        }
    }
}
