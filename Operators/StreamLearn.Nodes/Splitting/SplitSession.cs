using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

internal sealed class SplitSession(ISplitModel model, string device, TrainedPart part)
{
    internal string Device { get; } = device;

    internal TrainedPart Part { get; } = part;

    internal long Epoch { get; private set; }

    internal long Sequence { get; private set; }

    internal Weights? Base { get; private set; }

    /// <summary>True if the device joined or ended its round and waits for a version.</summary>
    internal bool Waits { get; private set; }

    /// <summary>The answer, kept for resends; null: none.</summary>
    internal BoundaryGradients? Answer { get; set; }

    internal int Split { get; private set; }

    internal int Wish { get; private set; }

    internal int Term { get; set; }

    internal DateTimeOffset LastSeen { get; set; }

    internal SessionTransfer? Moves { get; set; }

    internal DateTimeOffset MovesUntil { get; set; }

    /// <summary>The update; with shared layers, it is held until all devices have ended their rounds.</summary>
    internal WeightDelta? Held { get; set; }

    private long _ahead;            // the newest message ahead of this side
    private int _aheadTimes;

    internal bool IsInRound => Base is not null && !Waits;

    internal void State(ref StateStream s, bool shares)
    {
        (Epoch, Sequence, Waits) = (s.Value(Epoch), s.Value(Sequence), s.Value(Waits));
        Base = s.OptionalWeights(Base, model.Plan);
        Answer = s.Optional(Answer, LearningCodecs.BoundaryGradients);
        Split = s.Value(Split, 0, model.PartCount);
        Wish = s.Value(Wish, 0, model.PartCount);
        Term = s.Value(Term, 0, int.MaxValue);
        LastSeen = s.ClockTime(LastSeen) ?? default;
        Moves = s.Optional(Moves, LearningCodecs.SessionTransfers);
        MovesUntil = s.ClockTime(MovesUntil) ?? default;
        Held = s.Optional(Held, LearningCodecs.Deltas);
        s.Value(ref _ahead);
        s.Value(ref _aheadTimes, 0, int.MaxValue);
        if (!shares) { Part.State(ref s); }
    }

    /// <summary>After a crash a device may reuse a batch's number for a round request, or the reverse.</summary>
    internal bool IsRepeatedBy(Activations message)
    {
        if (message.Sequence != Sequence || message.Epoch != Epoch) { return false; }
        if (Answer is { } answer) { return answer.Begins is null == message.Round is null; }
        return message.Round is { } round && (round is { Batches: 0, IsLast: false }) == Base is null;      // it waits for a version
    }

    /// <summary>Returns true if the device is ahead in batches, or in a round whose version this side does not have.</summary>
    internal bool IsBehind(Activations message) => Waits ? message.Round is not { Batches: 0 }
        : IsInRound && message.Split == Split && Split < model.PartCount && (message.Round is null || message.Round.Base == Base!.Id)
            && (message.Round?.Batches ?? message.WeightsVersion) > Part.StepsOfRound;

    /// <summary>Tolerates the first messages ahead of this side, because the missing ones may still arrive.</summary>
    internal bool MayCatchUp(Activations message)
    {
        const int Times = 2;
        if (_ahead != message.Sequence) { (_ahead, _aheadTimes) = (message.Sequence, 0); }
        return ++_aheadTimes <= Times;
    }

    internal void Took(Activations message, DateTimeOffset now) =>
        (Epoch, Sequence, Answer, LastSeen) = (message.Epoch, message.Sequence, null, now);

    internal void Join(int wish) => (Base, Waits, Held, Wish) = (null, true, null, wish);

    internal void End() => Waits = true;

    internal BoundaryGradients Begin(Weights version, int split, bool shares)
    {
        if (!shares)
        {
            Part.Begin(split, model.PartCount, model.Values(split, model.PartCount, version.Values.AsSpan()),
                Part.StepsBefore + Part.StepsOfRound);
        }

        (Base, Split, Waits) = (version, split, false);
        var values = split == 0 ? [] : model.Values(0, split, version.Values.AsSpan());
        return new()
        {
            Device = Device,
            Epoch = Epoch,
            Sequence = Sequence,
            Split = split,
            SchemaHash = model.Plan.SchemaHash,
            Begins = version.Id,
            HasScale = version.Scale is not null,
            Part = split == 0 ? null
                : new() { First = 0, End = split, Values = ImmutableCollectionsMarshal.AsImmutableArray(values), State = [] },
        };
    }

    internal WeightDelta Update(Activations message, SplitRound round)
    {
        var values = new float[model.Plan.Values];
        if (round.Batches > 0)
        {
            var joined = Part.Weights.ToArray();
            if (message.Part is { } front) { model.SetValues(0, front.End, front.Values.AsSpan(), joined); }
            TrainedPart.Change(model.Plan, joined, Base!.Values.AsSpan(), values);
        }

        return new()
        {
            Device = Device,
            Epoch = message.Epoch,
            Sequence = message.Sequence,
            BaseVersion = Base?.Version ?? 0,
            BaseEpoch = Base?.Epoch ?? 0,
            Samples = round.Batches == 0 ? 0 : round.Rows,
            SchemaHash = message.SchemaHash,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
            Moments = message.Moments,
            Steps = round.Batches,
            Loss = round.Loss,
            RoundTime = round.Time,
            Leaving = round.IsLast,
        };
    }

    internal SessionCheckpoint Checkpoint() => new()
    {
        SchemaHash = model.Plan.SchemaHash,
        Epoch = Epoch,
        Sequence = Sequence,
        Base = Base?.Id ?? default,
        Part = Part.Take(Split, model.PartCount),
        Steps = Part.StepsOfRound,
        StepsBefore = Part.StepsBefore,
        Waits = Waits,
        Answer = Answer,
    };

    internal void Resume(SessionCheckpoint from, Weights @base, int term, DateTimeOffset now)
    {
        (Epoch, Sequence, Base, Waits, Answer) = (from.Epoch, from.Sequence, @base, from.Waits, from.Answer);
        (Split, Wish, Term, LastSeen) = (from.Part.First, from.Part.First, term, now);
        Part.Resume(from.Part, from.StepsBefore, from.Steps);
    }
}
