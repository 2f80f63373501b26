using System.Buffers.Binary;
using System.Diagnostics.Metrics;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What is wrong with envelopes that are none is counted, each fault by itself.</summary>
public sealed class MalformedEnvelopeTests
{
    private static readonly EnvelopeFault[] Faults = Enum.GetValues<EnvelopeFault>()[1..];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_fault_has_a_count_of_its_own_in_the_status_and_in_the_meter()
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(new() { Server = server.Uri, ClientId = "c", SubscribeQos = 0 });
        await using var messages = transport.SubscribeAsync("#", new() { Capacity = 64 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await server.SubscribedAsync();
        Assert.Empty(transport.Status.Subscriptions[0].MalformedBy);

        foreach (var fault in Faults)
        {
            for (var i = 0; i < (int)fault; i++) { await connection.PublishAsync("sl/run/node/up/delta", Faulty(fault)); }
        }

        await connection.PublishAsync("end", default);
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));

        messages.Current.Dispose();
        Assert.Equal("end", messages.Current.Topic.Value);
        var status = transport.Status.Subscriptions[0];
        var sent = Faults.Select(f => ($"{f}".ToLowerInvariant(), (long)f)).Order();
        Assert.Equal(sent, status.MalformedBy.Select(m => (m.Key, m.Value)).Order());
        Assert.Equal(36, status.Malformed);
        Assert.Equal(sent, Measured(transport.Name).Order());
        connection.Cut();
    }

    /// <summary>An envelope with one thing wrong.</summary>
    private static byte[] Faulty(EnvelopeFault fault)
    {
        var header = new byte[Envelope.MaxHeaderBytes];
        var bytes = header[..Envelope.Write(new(new("a", 0)), default, header)];
        switch (fault)
        {
            case EnvelopeFault.Cut: return bytes[..^1];
            case EnvelopeFault.Magic: bytes[0]++; break;
            case EnvelopeFault.Version: bytes[4]++; break;
            case EnvelopeFault.Length: return [.. bytes, 0];
            case EnvelopeFault.Checksum: bytes[^1]++; return bytes;
            case EnvelopeFault.Flags: bytes[6] = 2; break;
            case EnvelopeFault.Name: bytes[^1] = 7; break;
            default: bytes[31] = 0x80; break;       // the sign of the sequence
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(92), Crc32C([.. bytes[..92], .. bytes[96..]]));
        return bytes;
    }

    private static uint Crc32C(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) { crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78); }
        }

        return ~crc;
    }

    private static List<(string Fault, long Count)> Measured(string transport)
    {
        List<(string, long)> measured = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument is { Meter.Name: "StreamLearn.Mqtt", Name: "streamlearn.mqtt.drops" })
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(static t => t.Key, static t => $"{t.Value}");
            if (named["transport"] == transport && named["reason"] == "malformed") { measured.Add((named["fault"], value)); }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }
}
