using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class DirectiveCodec : ICodec<Directive>
{
    internal const int MinBytes = 4;

    public string Name => "directive/2";

    public void Encode(Directive value, IBufferWriter<byte> buffer)
    {
        var bytes = BytesOf(value);
        Write(value, buffer.GetSpan(bytes));
        buffer.Advance(bytes);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Directive value) =>
        TryRead(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), out value, out var read) && read == bytes.Length;

    internal static int BytesOf(Directive value)
    {
        var measured = OptionalFields.Measure();
        Fields(ref measured, value);
        return measured.Bytes;
    }

    internal static void Write(Directive value, Span<byte> to)
    {
        var fields = OptionalFields.Write(to);
        Fields(ref fields, value);
        fields.End();
    }

    internal static Directive? Fields(ref FrameFields f, Directive? d)
    {
        if (!f.IsReading)
        {
            var to = f.Space(BytesOf(d!));
            if (!to.IsEmpty) { Write(d!, to); }
            return d;
        }

        if (f.HasRead(TryRead(f.Rest, out d, out var bytes))) { f.Read(bytes); }
        return d;
    }

    internal static bool TryRead(ReadOnlySpan<byte> from, [MaybeNullWhen(false)] out Directive value, out int bytes)
    {
        var fields = OptionalFields.Read(from);
        value = Fields(ref fields, null);
        bytes = fields.Bytes;
        return !fields.Failed && value.IsValid;
    }

    /// <summary>The order of the fields in every form. A new field uses a new bit and is added at the end.</summary>
    private static Directive Fields(ref OptionalFields fields, Directive? directive)
    {
        var d = directive ?? Directive.Unchanged;
        var (device, steps) = (fields.Text(1, d.Device, DeviceName.MaxBytes), fields.Int(2, d.StepsPerUpdate));
        var (rows, rate) = (fields.Int(4, d.BatchRows), fields.Single(8, d.LearningRate));
        var (proximal, time) = (fields.Single(16, d.Proximal), fields.Time(32, d.RoundTime));
        var (pace, estimates) = (fields.Int(64, (int?)d.Pace), fields.Truth(128, 256, d.Estimates));
        var (best, values) = (fields.Version(512, d.Best), fields.Int(1024, d.GradientValues));
        var pause = fields.Time(2048, d.Pause);
        var local = fields.Truth(4096, 8192, d.LocalSteps);
        return !fields.IsReading ? d : new()
        {
            Device = device,
            StepsPerUpdate = steps,
            BatchRows = rows,
            LearningRate = rate,
            Proximal = proximal,
            RoundTime = time,
            Pace = (TrainPace?)pace,
            Estimates = estimates,
            Best = best,
            GradientValues = values,
            Pause = pause,
            LocalSteps = local,
        };
    }
}
