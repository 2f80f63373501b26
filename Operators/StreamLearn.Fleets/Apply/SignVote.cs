using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed record SignVote(float LearningRate) : Apply
{
    public override bool Streams => true;

    public override bool Weighs => false;

    public override void Add(ServerState state, in WeightedUpdate update) => AddSigns(state.Slot("votes"), update.Values, 1);

    public override void Finish(ServerState state)
    {
        AddSigns(state.Weights, state.Slot("votes"), LearningRate);
        Discard(state);
    }

    public override void Discard(ServerState state) => state.Slot("votes").Clear();

    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));

    private static void AddSigns(Span<float> to, ReadOnlySpan<float> values, float step)
    {
        ref var target = ref MemoryMarshal.GetReference(to);
        ref var first = ref MemoryMarshal.GetReference(values);
        var i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = Vector.LoadUnsafe(ref first, (nuint)i);
            var sign = Vector.ConvertToSingle(Vector.LessThan(value, default) - Vector.GreaterThan(value, default));
            (Vector.LoadUnsafe(ref target, (nuint)i) + (step * sign)).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < to.Length; i++) { to[i] += step * ((values[i] > 0 ? 1 : 0) - (values[i] < 0 ? 1 : 0)); }
    }
}
