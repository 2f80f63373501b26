using StreamLearn.Compression;

namespace Benchmarks;

/// <summary>What codes of a million values cost beside a copy of them.</summary>
internal static class CodeCases
{
    private const int Values = 1_000_000;
    private const int Rounds = 40;

    internal static IReadOnlyList<Case> All { get; } =
    [
        .. new[] { "top-k:0.01", "random-k:0.01", "qsgd:4", "ternary", "sign", "k-bit:6" }.Select(static code => Of(
            $"encode.{code}", () => Encode(TensorCodes.TryParse(code)!))),
        .. new[] { "top-k:0.01", "qsgd:4", "ternary", "sign", "k-bit:6" }.Select(static code => Of(
            $"decode.{code}", () => Decode(TensorCodes.TryParse(code)!))),
        Of("encode.lossless", EncodeLossless),
        Of("decode.lossless", DecodeLossless),
    ];

    private static Case Of(string name, Func<Sample> measure) =>
        new(name, "Gvalues/s", new("streamlearn", measure), new Contender("limit.memcpy", Copy)) { HigherIsBetter = true };

    private static Sample Encode(TensorCode code)
    {
        var (values, random, bytes) = (Drawn(), new RandomStream(1, "draws"), new byte[code.MaxBytes(Values)]);
        return PerSecond(() => code.Encode(values, random, bytes));
    }

    private static Sample Decode(TensorCode code)
    {
        var (values, bytes) = (Drawn(), new byte[code.MaxBytes(Values)]);
        var written = code.Encode(values, new RandomStream(1, "draws"), bytes);
        return PerSecond(() =>
        {
            ReadOnlySpan<byte> rest = bytes.AsSpan(0, written);
            if (!TensorCode.TryDecode(ref rest, values)) { throw new InvalidOperationException("expected a code"); }
        });
    }

    private static Sample EncodeLossless()
    {
        var (values, buffer) = (Drawn(), new ArrayBufferWriter<byte>(LosslessTensors.MaxBytes(Values)));
        return PerSecond(() =>
        {
            buffer.ResetWrittenCount();
            LosslessTensors.Encode(values, [], buffer);
        });
    }

    private static Sample DecodeLossless()
    {
        var (values, buffer) = (Drawn(), new ArrayBufferWriter<byte>());
        LosslessTensors.Encode(values, [], buffer);
        return PerSecond(() => LosslessTensors.TryDecode(buffer.WrittenSpan, [], values));
    }

    private static Sample Copy()
    {
        var (from, to) = (Drawn(), new float[Values]);
        return PerSecond(() => from.AsSpan().CopyTo(to));
    }

    private static float[] Drawn()
    {
        var random = new RandomStream(2, "values");
        return [.. Enumerable.Range(0, Values).Select(_ => (float)random.NextGaussian())];
    }

    private static Sample PerSecond(Action work)
    {
        var seconds = Measurement.Seconds(() =>
        {
            for (var round = 0; round < Rounds; round++) { work(); }
        });
        const double All = 1e-9 * Rounds * Values;
        return seconds with { Value = All / seconds.Value, CpuValue = All / seconds.CpuValue };
    }
}
