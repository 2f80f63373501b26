using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>Parts of messages in the state of an aggregator.</summary>
internal static class StateMessages
{
    /// <summary>Writes a time of 0 or more, or that there is none.</summary>
    internal static void Write(this StateWriter writer, TimeSpan? time) => writer.Write(time?.Ticks ?? -1);

    internal static TimeSpan? ReadSpan(this ref StateReader reader) =>
        reader.ReadInt64() is var ticks && ticks >= 0 ? TimeSpan.FromTicks(ticks) : null;

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

    /// <summary>What is asked of a device; whom it names is not written.</summary>
    internal static Directive Directive(this ref StateStream s, Directive? directive)
    {
        if (s.IsReading) { return s.Reader.ReadDirective(); }
        s.Writer.Write(directive!);
        return directive!;
    }

    /// <summary>A number that is 0 or more.</summary>
    internal static long Count(this ref StateStream s, long count) =>
        s.Value(count) is var value && value >= 0 ? value : throw new StateException($"expected 0 or more, got {value}");

    /// <summary>How many there are of something, of which the settings allow so many.</summary>
    internal static int Count(this ref StateStream s, int count, int most, string what)
    {
        count = s.Value(count, 0, int.MaxValue);
        return s.IsWriting || count <= most ? count : throw new StateException($"expected at most {most} {what}, got {count}");
    }

    /// <summary>The moments of a model's channels, or none.</summary>
    internal static ChannelMoments? Moments(this ref StateStream s, ChannelMoments? moments, int channels)
    {
        if (!s.Value(moments is not null)) { return null; }
        var count = s.Count(moments?.Count ?? 0);
        var (mean, m2) = (s.Values(moments?.Mean ?? [], channels), s.Values(moments?.M2 ?? [], channels));
        return moments ?? new(count, mean, m2);
    }

    internal static void State(ref StateStream s, ref Contribution contribution)
    {
        var (device, epoch, sequence) = (s.Value(contribution.Device ?? ""), s.Value(contribution.Epoch), s.Value(contribution.Sequence));
        var (version, staleness) = (s.Value(contribution.BaseVersion), s.Value(contribution.Staleness));
        var weight = s.Value(contribution.IsCapped ? -contribution.Weight : contribution.Weight);       // the form stays as it was
        var (samples, norm) = (s.Value(contribution.Samples), s.Value(contribution.Norm));
        contribution = new(device, epoch, sequence, version, staleness, Math.Abs(weight), samples, norm, IsCapped: weight < 0);
    }

    internal static void State(ref StateStream s, ref RefusedUpdate refusal) =>
        refusal = new(s.Value(refusal.Device ?? ""), s.Value(refusal.Epoch), s.Value(refusal.Sequence), s.Value(refusal.Reason ?? ""));

    internal static void State(ref StateStream s, ref Straggler straggler) =>
        straggler = new(s.Value(straggler.Device ?? ""), s.Value(straggler.Score), s.Value(straggler.Reason ?? ""));
}
