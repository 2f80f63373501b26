using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StreamLearn.Fleets;

namespace Benchmarks;

/// <summary>A round of a hundred updates of a million values, on one thread: gigabytes a second, of which an add reads two values and
/// writes one.</summary>
internal sealed class MeanRun
{
    internal const int Updates = 100;
    internal const int Count = 1_000_000;
    private const int Classes = 100;
    internal const double GigabytesOfRound = 3.0 * sizeof(float) * Updates * Count / 1e9;
    private static readonly Lazy<MeanRun> Shared = new(static () => new());
    private readonly Network _model = ReferenceModels.Softmax((Count / Classes) - 1, Classes);      // as many values
    private readonly WeightDelta[] _updates = new WeightDelta[Updates];
    private readonly ReadOnlySequence<byte>[] _frames = new ReadOnlySequence<byte>[Updates];

    private MeanRun()
    {
        var random = new RandomStream(1, "update");
        var first = new float[Count];
        for (var i = 0; i < Count; i++) { first[i] = (float)(0.001 * random.NextGaussian()); }
        for (var u = 0; u < Updates; u++)
        {
            var values = new float[Count];
            for (var i = 0; i < Count; i++) { values[i] = first[(i + u) % Count]; }
            _updates[u] = new()
            {
                Device = $"device-{u:00}",
                Epoch = 1,
                Sequence = 1,
                BaseVersion = 0,
                Samples = 64,
                Steps = 4,
                SchemaHash = _model.Plan.SchemaHash,
                Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
            };
        }
    }

    /// <summary>Adds the updates and moves the model: the add alone.</summary>
    internal static Sample Add() => Shared.Value.AddAll();

    /// <summary>The same from the bytes of updates: checksum, form, finite values, norm, then the add.</summary>
    internal static Sample Validate() => Shared.Value.ValidateAll();

    /// <summary>a ← b + s·c over arrays of 128 MB each. Source: McCalpin (1995), STREAM, kernel triad.</summary>
    internal static Sample Triad()
    {
        const int Length = 1 << 25, Block = 8192;
        var (a, b, c) = (Big.A, Big.B, Big.C);
        const double Gigabytes = 3.0 * sizeof(float) * Length / 1e9;
        return PerSecond(Gigabytes, () =>
        {
            for (var at = 0; at < Length; at += Block)
            {
                TensorPrimitives.FusedMultiplyAdd(c.AsSpan(at, Block), 3f, b.AsSpan(at, Block), a.AsSpan(at, Block));
            }
        });
    }

    private static Sample PerSecond(double gigabytes, Action work)
    {
        var seconds = Measurement.Seconds(work);
        return seconds with { Value = gigabytes / seconds.Value, CpuValue = gigabytes / seconds.CpuValue };
    }

    private Sample AddAll()
    {
        var rule = Apply.MeanOfDeltas();
        var state = new ServerState(_model.Initial);
        state.Renew(rule.Slots);
        state.Slot("sum").Clear();
        return PerSecond(GigabytesOfRound, () =>
        {
            foreach (var update in _updates) { AddTo(rule, state, update); }
            rule.Finish(state);
        });
    }

    private Sample ValidateAll()
    {
        if (_frames[0].IsEmpty)
        {
            for (var u = 0; u < Updates; u++)
            {
                var buffer = new ArrayBufferWriter<byte>((4 * Count) + 256);
                LearningCodecs.Deltas.Encode(_updates[u], buffer);
                _frames[u] = new(buffer.WrittenMemory);
            }
        }
        var rule = Apply.MeanOfDeltas();
        var state = new ServerState(_model.Initial);
        state.Renew(rule.Slots);
        var check = new UpdateCheck(_model, new());
        var member = new Member(new("device"));
        var pool = new BatchPool();
        return PerSecond(GigabytesOfRound, () =>
        {
            foreach (var frame in _frames)
            {
                if (!LearningCodecs.Deltas.TryDecode(frame, pool, out var update)
                    || (check.Form(update) ?? check.Content(update, 0, member, update.Steps, out _)) is not null)
                {
                    throw new BenchmarkException("an update is refused");
                }
                AddTo(rule, state, update);
            }
            rule.Finish(state);
        });
    }

    private static void AddTo(Apply rule, ServerState state, WeightDelta update)
    {
        state.Updates++;
        rule.Add(state, new(HeldUpdate.HeaderOf(update), 1, update.Values.AsSpan()));
    }

    private static class Big
    {
        internal static readonly float[] A = Filled(1), B = Filled(2), C = Filled(3);

        private static float[] Filled(float value)
        {
            var values = new float[1 << 25];
            Array.Fill(values, value);
            return values;
        }
    }
}
