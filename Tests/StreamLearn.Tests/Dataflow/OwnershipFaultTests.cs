using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Tests;

/// <summary>Code that gives a batch back which is not its own ends the run, or gets an exception; it never hangs it.</summary>
public sealed class OwnershipFaultTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_codec_that_disposes_what_it_encodes_fails_the_run(bool yields)
    {
        var transport = new ScriptedTransport { YieldPublications = yields };
        await Blocks.Start(p => p.Numbers(10).Publish(transport, "out", new Disposing())).FailAsync("publish out");
    }

    [Fact]
    public async Task An_input_goes_on_after_a_message_that_was_already_disposed()
    {
        var seen = new List<int>();
        var run = Blocks.Start(p => p.Input<Batch>("in").Collect(seen));
        var gone = Blocks.Number(run.Pool, 1);
        gone.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => run.SendAsync("in", gone).AsTask().WaitAsync(Blocks.Patience));
        await run.SendAsync("in", Blocks.Number(run.Pool, 2)).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal([2], seen);
    }

    private sealed class Disposing : ICodec<Batch>
    {
        public string Name => "disposing/1";

        public void Encode(Batch value, IBufferWriter<byte> buffer)
        {
            NumberCodec.Default.Encode(value, buffer);
            value.Dispose();
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value) =>
            NumberCodec.Default.TryDecode(bytes, pool, out value);
    }
}
