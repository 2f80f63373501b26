using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>Parts of messages in the state of an aggregator.</summary>
internal static class StateMessages
{
    /// <summary>Writes a time of 0 or more, or that there is none.</summary>
    internal static void Write(this StateWriter writer, TimeSpan? time) => writer.Write(time?.Ticks ?? -1);

    internal static TimeSpan? ReadSpan(this ref StateReader reader) =>
        reader.ReadInt64() is var ticks && ticks >= 0 ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Reads a number that is 0 or more.</summary>
    internal static long ReadCount(this ref StateReader reader) =>
        reader.ReadInt64() is var count && count >= 0 ? count : throw new StateException($"expected 0 or more, got {count}");

    /// <summary>Reads how many there are of something, of which the settings allow so many.</summary>
    internal static int ReadCount(this ref StateReader reader, int most, string what)
    {
        var count = reader.ReadInt32(0, int.MaxValue);
        return count <= most ? count : throw new StateException($"expected at most {most} {what}, got {count}");
    }

    internal static void Write(this StateWriter writer, ChannelMoments? moments)
    {
        writer.Write(moments is not null);
        if (moments is null) { return; }
        writer.Write(moments.Count);
        writer.Write(moments.Mean.AsSpan());
        writer.Write(moments.M2.AsSpan());
    }

    /// <summary>Reads the moments of a model's channels.</summary>
    internal static ChannelMoments? ReadMoments(this ref StateReader reader, int channels)
    {
        if (!reader.ReadBoolean()) { return null; }
        var (count, mean, m2) = (reader.ReadCount(), new double[channels], new double[channels]);
        reader.Read<double>(mean);
        reader.Read<double>(m2);
        return new(count, ImmutableCollectionsMarshal.AsImmutableArray(mean), ImmutableCollectionsMarshal.AsImmutableArray(m2));
    }

    /// <summary>Reads as many values as a model has.</summary>
    internal static ImmutableArray<float> ReadValues(this ref StateReader reader, int count)
    {
        var values = new float[count];
        reader.Read<float>(values);
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    /// <summary>Writes what is asked of a device; whom it names is not written.</summary>
    internal static void Write(this StateWriter writer, Directive directive)
    {
        writer.Write(directive.StepsPerUpdate ?? 0);
        writer.Write(directive.BatchRows ?? 0);
        writer.Write(directive.LearningRate ?? 0);
        writer.Write(directive.Proximal ?? -1);
        writer.Write(directive.RoundTime);
        writer.Write(directive.Pace is { } pace ? (int)pace : -1);
        writer.Write(directive.Estimates is { } estimates ? (estimates ? 1 : 0) : -1);
        writer.Write(directive.Best?.Epoch ?? 0);
        writer.Write(directive.Best?.Version ?? -1);
        writer.Write(directive.GradientValues ?? 0);
    }

    internal static Directive ReadDirective(this ref StateReader reader)
    {
        var (steps, rows, rate, proximal) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadSingle(), reader.ReadSingle());
        var directive = new Directive
        {
            StepsPerUpdate = steps == 0 ? null : steps,
            BatchRows = rows == 0 ? null : rows,
            LearningRate = rate == 0 ? null : rate,
            Proximal = proximal == -1 ? null : proximal,
            RoundTime = reader.ReadSpan(),
            Pace = reader.ReadInt32() is var pace && pace >= 0 ? (TrainPace)pace : null,
            Estimates = reader.ReadInt32() is var estimates && estimates >= 0 ? estimates == 1 : null,
            Best = new ModelVersion(reader.ReadInt64(), reader.ReadInt64()) is var best && best.Version >= 0 ? best : null,
            GradientValues = reader.ReadInt32() is var values && values != 0 ? values : null,
        };
        return directive.IsValid ? directive : throw new StateException($"expected a directive in range, got {directive}");
    }

    internal static void Write(this StateWriter writer, in Contribution contribution)
    {
        writer.Write(contribution.Device);
        writer.Write(contribution.Epoch);
        writer.Write(contribution.Sequence);
        writer.Write(contribution.BaseVersion);
        writer.Write(contribution.Staleness);
        writer.Write(contribution.IsCapped ? -contribution.Weight : contribution.Weight);      // the form stays as it was
        writer.Write(contribution.Samples);
        writer.Write(contribution.Norm);
    }

    internal static Contribution ReadContribution(this ref StateReader reader)
    {
        var read = new Contribution(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(),
            reader.ReadSingle(), reader.ReadInt32(), reader.ReadDouble());
        return read with { Weight = Math.Abs(read.Weight), IsCapped = read.Weight < 0 };
    }

    internal static void Write(this StateWriter writer, in RefusedUpdate refusal)
    {
        writer.Write(refusal.Device);
        writer.Write(refusal.Epoch);
        writer.Write(refusal.Sequence);
        writer.Write(refusal.Reason);
    }

    internal static RefusedUpdate ReadRefusal(this ref StateReader reader) =>
        new(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadText());

    internal static void Write(this StateWriter writer, in Straggler straggler)
    {
        writer.Write(straggler.Device);
        writer.Write(straggler.Score);
        writer.Write(straggler.Reason);
    }

    internal static Straggler ReadStraggler(this ref StateReader reader) =>
        new(reader.ReadText(), reader.ReadDouble(), reader.ReadText());
}
