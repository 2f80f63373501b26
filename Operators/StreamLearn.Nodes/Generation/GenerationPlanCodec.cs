using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Nodes;

internal sealed class GenerationPlanCodec : ICodec<GenerationPlan>
{
    public string Name => "generation-plan/1";

    public byte Kind => NodeFrames.GenerationPlan;

    public void Encode(GenerationPlan value, IBufferWriter<byte> buffer)
    {
        var bytes = FrameWriter.TextBytes(value.Source) + 8 + 1;
        foreach (var stage in value.Stages) { bytes += FrameWriter.TextBytes(stage.Node) + (2 * 4); }
        var frame = new FrameWriter(buffer, bytes, 0, NodeFrames.GenerationPlan);
        frame.Text(value.Source);
        frame.Long(value.Number);
        frame.Byte((byte)value.Stages.Length);
        foreach (var (first, end, node) in value.Stages)
        {
            frame.Text(node);
            frame.Int(first);
            frame.Int(end);
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out GenerationPlan value)
    {
        var frame = new FrameReader(bytes, 0, NodeFrames.GenerationPlan);
        var (source, number, count) = (frame.Text(DeviceName.MaxBytes), frame.Long(), frame.Byte());
        var stages = ImmutableArray.CreateBuilder<LayerRange>();
        for (var i = 0; i < count && !frame.Failed; i++)
        {
            var node = frame.Text(DeviceName.MaxBytes);
            stages.Add(new(frame.Int(), frame.Int(), node));
        }

        value = new() { Source = source, Number = number, Stages = stages.ToImmutable() };
        return frame.Ended && count <= GenerationPlan.MaxStages;
    }
}
