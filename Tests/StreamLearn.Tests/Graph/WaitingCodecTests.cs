using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Tests;

public sealed class WaitingCodecTests
{
    [Theory, InlineData(false, null, false), InlineData(true, null, true), InlineData(true, false, false), InlineData(false, true, true)]
    public void A_publication_waits_for_a_checkpoint_if_it_is_told_to_or_else_as_its_codec_says(bool codec, bool? told, bool expected)
    {
        var pipeline = Pipeline.Define("p", p => p.Input<Batch>("in")
            .Publish(new InProcessTransport(), "t", new Waiting(codec), new PublicationOptions { WithCheckpoint = told }));
        Assert.Equal(expected, Assert.IsType<PublishWork>(pipeline.Nodes[^1].Work).WaitsForCheckpoint);
    }

    private sealed class Waiting(bool waits) : ICodec<Batch>
    {
        public string Name => "waiting/1";
        public bool WaitsForCheckpoint => waits;
        public void Encode(Batch value, IBufferWriter<byte> buffer) => NumberCodec.Default.Encode(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value) =>
            NumberCodec.Default.TryDecode(bytes, pool, out value);
    }
}
