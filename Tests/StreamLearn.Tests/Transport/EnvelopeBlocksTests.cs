namespace StreamLearn.Tests;

/// <summary>Envelopes in a pipeline's publications and subscriptions: no transport knows of them.</summary>
public sealed class EnvelopeBlocksTests
{
    private const string Where = "sl/line-2/pump-7/up/number";

    [Theory, InlineData(Where, true), InlineData("plant/p7", false)]
    public async Task A_publication_puts_its_header_before_the_payload_on_topics_that_have_one(string topic, bool isOwn)
    {
        await using var transport = new InProcessTransport();
        await using var messages = transport.SubscribeAsync("#", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var run = Pipeline.Define("edge", p => p.Input<Batch>("in", Batches.Channels(1))
            .Publish(transport, topic, NumberCodec.Default)).Start(new RunOptions { Epoch = 3 }, Cancellation);
        for (var i = 0; i < 2; i++)
        {
            await run.SendAsync("in", Blocks.Number(run.Pool, i), Cancellation);
            Assert.True(await messages.MoveNextAsync());
        }
        var bytes = messages.Current.Payload;
        Assert.Equal(isOwn, Encoding.ASCII.GetString(bytes).StartsWith("SLEV", StringComparison.Ordinal));
        if (isOwn)
        {
            Assert.True(Envelope.TryRead(bytes, out var envelope, out var payload, out var fault), fault);
            Assert.Equal((new MessageOrigin($"edge/publish {topic}", 1, 3), "line-2", NumberCodec.Default.Name),
                (envelope.Origin, envelope.Run, envelope.Codec));
            bytes = payload;
        }
        Assert.Equal(run.Metrics[$"publish {topic}"].Counters["bytes-published"], 2 * bytes.Length);
        messages.Current.Dispose();
    }

    [Fact]
    public async Task Each_fault_of_an_envelope_has_a_count_of_its_own_and_the_others_pass()
    {
        await using var transport = new InProcessTransport();
        List<long> taken = [];
        await using var run = Pipeline.Define("edge", p =>
            p.Subscribe(transport, Where, NumberCodec.Default).ForEach("take", batch => taken.Add(batch.Rows))).Start(null, Cancellation);
        var faults = Enum.GetValues<EnvelopeFault>()[1..];
        foreach (var fault in faults)
        {
            for (var i = 0; i < (int)fault; i++) { await SendAsync(Faulty(fault)); }
        }
        await SendAsync(Envelope.Seal(Where, new("5"u8.ToArray()), new(new("a", 0)), DateTimeOffset.UnixEpoch).ToArray());
        await run.DrainAsync();

        var block = run.Metrics[$"subscribe {Where}"];
        Assert.Equal((1, 36L), (taken.Count, block.Drops["malformed"]));
        Assert.All(faults, fault => Assert.Equal((long)fault, block.Counters[$"envelope-{fault}".ToLowerInvariant()]));

        Task SendAsync(byte[] bytes) => transport.PublishAsync(Where, new(bytes), new(new("a", 0)), Cancellation).AsTask();
    }

    [Theory, InlineData(true, 2), InlineData(false, 1)]
    public async Task A_payload_without_an_envelope_is_taken_where_people_may_write(bool takesPlain, int expected)
    {
        await using var transport = new InProcessTransport();
        List<long> taken = [];
        await using var run = Pipeline.Define("edge", p => p
            .Subscribe(transport, Where, NumberCodec.Default, new() { TakesPlain = takesPlain })
            .ForEach("take", batch => taken.Add(batch.Rows))).Start(null, Cancellation);
        byte[][] payloads = [[.. "5"u8], Faulty(EnvelopeFault.Checksum), [.. "SLEV"u8],
            Envelope.Seal(Where, new("5"u8.ToArray()), new(new("a", 0)), DateTimeOffset.UnixEpoch).ToArray()];
        foreach (var bytes in payloads) { await transport.PublishAsync(Where, new(bytes), new(new("a", 0)), Cancellation); }
        await run.DrainAsync(Cancellation);
        Assert.Equal((expected, 4L - expected), (taken.Count, run.Metrics[$"subscribe {Where}"].Drops["malformed"]));
    }

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
        BitConverter.TryWriteBytes(bytes.AsSpan(92), Crc32C.Of(Crc32C.Of(bytes.AsSpan(0, 92)), bytes.AsSpan(96)));
        return bytes;
    }
}
