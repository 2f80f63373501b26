using System.Diagnostics.Metrics;

namespace StreamLearn.Nats.Tests;

/// <summary>The instruments say what happened in a real run.</summary>
public sealed class NatsInstrumentsTests
{
    [Fact]
    public async Task Measurements_are_those_of_the_run()
    {
        await using var server = await StartAsync();
        var transport = new NatsTransport(new() { Servers = [server.Uri], Keep = new() { Topics = ["kept/#"] } });
        await using var kept = transport.Read("kept/+");
        await using var passing = transport.SubscribeAsync("a", new() { Capacity = 2 }, Cancellation).GetAsyncEnumerator(Cancellation);
        for (var i = 0; i < 5; i++)
        {
            await transport.PublishAsync("kept/x", new(new byte[100]), default, Cancellation);
            await transport.PublishAsync("a", new(new byte[10]), default, Cancellation);
        }
        await UntilAsync(() => Read("drops", transport.Name, "a over-credit") == 3);
        Assert.True(await kept.MoveNextAsync());
        var held = kept.Current;
        await UntilAsync(() => Read("received", transport.Name, "kept/+") == 5);

        Assert.Equal((1, 1, 0, 0), (Read("connected"), Read("connects"), Read("losses"), Read("unconfirmed")));
        Assert.Equal((2, 5), (Read("waiting", transport.Name, "a"), Read("received", transport.Name, "a")));
        Assert.Equal((0, 0), (Read("redeliveries", transport.Name, "kept/+"), Read("drops", transport.Name, "a malformed")));
        Assert.True(Read("held", transport.Name, "kept/+") > 0);
        Assert.True(Read("bytes_received") >= 550 && Read("bytes_sent") >= 550 && Read("published") >= 10);
        await using var second = new NatsTransport(new() { Servers = [server.Uri] });
        await second.PublishAsync("a", new(new byte[10]), default, Cancellation);
        Assert.Equal(2, Read("connected"));
        held.Acknowledge();
        await kept.DisposeAsync();
        await passing.DisposeAsync();
        await transport.DisposeAsync();
        Assert.Equal(1, Read("connected"));
        await second.DisposeAsync();
        Assert.Null(Read("connected"));

        long? Read(string name, string? of = null, string tags = "") => Measured(name, of ?? transport.Name, tags);
    }

    /// <summary>What the meter says of one transport at one moment; null: nothing.</summary>
    private static long? Measured(string name, string transport, string tags)
    {
        long? measured = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "StreamLearn.Nats" && instrument.Name == $"streamlearn.nats.{name}")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, of, _) =>
        {
            var texts = of.ToArray().Select(static t => $"{t.Value}").ToArray();
            if (texts[0] == transport && string.Join(' ', texts[1..]) == tags) { measured = value; }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }
}
