using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace StreamLearn.Mqtt.Tests;

/// <summary>The instruments say what happened in a real run.</summary>
public sealed class InstrumentsTests
{
    private const int Messages = 20, PayloadBytes = 100;

    [Fact]
    public async Task Measurements_are_those_of_the_run()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var proxy = new FaultProxy(server.Port);
        var id = $"instruments-{server.Port}";
        await using var transport = new MqttTransport(new() { Server = proxy.Uri, ClientId = id });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        for (var i = 0; i < Messages; i++) { await PublishAsync("a"); }
        Message? held = null;
        for (var i = 0; i < Messages; i++)
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            messages.Current.Dispose();
            if (i < Messages - 2) { messages.Current.Acknowledge(); }
            else if (i == Messages - 2) { held = messages.Current; }
            else { messages.Current.Refuse("test"); }
        }
        await Long.UntilAsync(
            () => (Both("bytes_sent"), Both("bytes_received")) == (proxy.Bytes(Direction.Up), proxy.Bytes(Direction.Down)),
            () => Long.Text(transport.Status));
        var first = Read();
        Assert.Equal((1, 1), (first["connected", id], first["connected", $"{id}.1"]));
        Assert.Equal((Messages, 0), (first["published", id], first["published", $"{id}.1"]));
        Assert.Equal((0, Messages), (first["received", id], first["received", $"{id}.1"]));
        Assert.Equal((1, 1), (first["connects", id], first["connects", $"{id}.1"]));
        Assert.Equal((0, 2), (first["in_flight", id], first["in_flight", $"{id}.1"]));
        Assert.Equal((20, 62), (first["credit", id], first["credit", $"{id}.1"]));
        Assert.Equal((0, 0, 1), (first["waiting", id], first["waiting", $"{id}.1"], first["refused", $"{id}.1"]));
        Assert.True(first["bytes_sent", id] > Messages * PayloadBytes && first["bytes_received", $"{id}.1"] > Messages * PayloadBytes);
        Assert.Equal(0, first["redeliveries", $"{id}.1"]);

        held!.Value.Acknowledge();
        Assert.All(first.Keys, k => Assert.Equal(transport.Name, k.Transport));

        Task PublishAsync(string topic) => ScriptedServer.Patiently(
            transport.PublishAsync(topic, new(new byte[PayloadBytes]), new(new("test", 0)), Cancellation).AsTask());

        Measurements Read() => Measurements.Read(transport.Name);
        long Both(string name) => Read() is var read ? read[name, id] + read[name, $"{id}.1"] : 0;
    }

    [Fact]
    public async Task Drops_have_their_reasons_and_a_transport_that_is_gone_is_not_measured()
    {
        await using var server = new ScriptedServer();
        var transport = new MqttTransport(new() { Server = server.Uri, ClientId = "c", SubscribeQos = 0 });
        await using var messages = transport.SubscribeAsync("#", new() { Capacity = 2 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await server.SubscribedAsync();
        for (var i = 0; i < 5; i++) { await connection.PublishAsync("sl/run/node/up/delta", new byte[3]); }
        await Long.UntilAsync(() => transport.Status.Subscriptions[0].Dropped == 3, () => Long.Text(transport.Status));
        Assert.Equal(3, Measurements.Read(transport.Name)["drops", "c.1", "over-credit"]);
        connection.Cut();
        await transport.DisposeAsync();
        Assert.Empty(Measurements.Read(transport.Name).Keys);
    }

    /// <summary>What the meter says of one transport at one moment.</summary>
    private sealed class Measurements
    {
        private readonly ConcurrentDictionary<(string Name, string Session, string Reason, string Transport), long> _values = [];
        internal IEnumerable<(string Name, string Session, string Reason, string Transport)> Keys => _values.Keys;

        internal long this[string name, string session, string reason = ""] =>
            _values.Single(v => (v.Key.Name, v.Key.Session, v.Key.Reason) == ($"streamlearn.mqtt.{name}", session, reason)).Value;

        internal static Measurements Read(string transport)
        {
            var measurements = new Measurements();
            using var listener = new MeterListener
            {
                InstrumentPublished = static (instrument, l) =>
                {
                    if (instrument.Meter.Name == "StreamLearn.Mqtt") { l.EnableMeasurementEvents(instrument); }
                },
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                var named = tags.ToArray().ToDictionary(static t => t.Key, static t => $"{t.Value}");
                if (named["transport"] != transport) { return; }
                measurements._values[(instrument.Name, named["session"], named.GetValueOrDefault("reason", ""), named["transport"])] =
                    value;
            });
            listener.Start();
            listener.RecordObservableInstruments();
            return measurements;
        }
    }
}
