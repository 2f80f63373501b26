using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <content>Updates that wait, by their codec, and the lists that its end gives.</content>
internal sealed partial class OpenRound
{
    internal void Save(StateWriter writer)
    {
        writer.Write(StartedAt);
        writer.Write(IsFirst);
        writer.Write(Updates);
        writer.Write(_isMixed);
        writer.Write(Sole is not null);
        if (Sole is { } sole) { writer.Write(sole.Id.Name); }
        writer.Write(Held.Count);
        foreach (var held in Held)
        {
            writer.Write(LearningCodecs.Deltas, held.Update);
            writer.Write(held.IsCapped ? -held.Weight : held.Weight);
            writer.Write(held.Norm);
        }

        writer.Write(Steered.Count);
        foreach (var (update, bytes) in Steered)
        {
            writer.Write(LearningCodecs.Deltas, update);
            writer.Write(bytes);
        }

        writer.Write(RefusedBytes);

        SaveLists(writer);
    }

    internal void Load(ref StateReader reader, UpdateCheck check, long version, Fleet fleet)
    {
        (StartedAt, IsFirst) = (reader.ReadClockTime(), reader.ReadBoolean());
        (Updates, _isMixed) = (reader.ReadInt32(0, int.MaxValue), reader.ReadBoolean());
        if (reader.ReadBoolean()) { _sole = fleet.ReadMember(ref reader); }
        for (var left = reader.ReadCount(maxHeld, "updates that are held"); left > 0; left--)
        {
            var update = reader.Read(LearningCodecs.Deltas);
            if (check.Form(update) is not null || update.BaseVersion < 0 || update.BaseVersion > version)
            {
                throw new StateException($"expected an update of this model's version {version} or one before, got {update}");
            }

            var weight = reader.ReadSingle();
            Held.Add(new(update, Math.Abs(weight), reader.ReadDouble()) { IsCapped = weight < 0 });
        }

        for (var left = reader.ReadInt32(0, int.MaxValue); left > 0; left--)
        {
            Steered.Add(new(reader.Read(LearningCodecs.Deltas), reader.ReadInt64()));
        }

        RefusedBytes = reader.ReadCount();

        LoadLists(ref reader);
    }

    private void SaveLists(StateWriter writer)
    {
        writer.Write(_contributions.Count);
        for (var i = 0; i < _contributions.Count; i++) { writer.Write(_contributions[i]); }      // its enumerator would be allocated
        writer.Write(_refusals.Count);
        for (var i = 0; i < _refusals.Count; i++) { writer.Write(_refusals[i]); }
    }

    private void LoadLists(ref StateReader reader)
    {
        for (var left = reader.ReadInt32(0, MaxListed); left > 0; left--) { _contributions.Add(reader.ReadContribution()); }
        for (var left = reader.ReadInt32(0, MaxListed); left > 0; left--) { _refusals.Add(reader.ReadRefusal()); }
    }
}
