namespace StreamLearn.Simulation;

/// <content>What it keeps beside its blocks.</content>
public sealed partial class VirtualDevice
{
    private const int MaxFailureText = 10_000;

    /// <summary>True if it goes on from a checkpoint of its own, or keeps such.</summary>
    internal bool HasDisk { get; init; }

    /// <summary>Writes how it stands.</summary>
    internal void SaveStanding(StateWriter writer)
    {
        writer.Write(EndedAt?.Ticks);
        writer.Write(HasCrashed);
        writer.Write(Stopped);
        writer.Write(IsConnected);
        writer.Write(Connects);
        writer.Write(_endedActors);
        writer.Write(_endedAwaited);
        writer.Write(Failure is not null);
        if (Failure is not { } failure) { return; }
        var why = failure.InnerException?.Message ?? "";
        writer.Write(failure.Block);
        writer.Write(failure.Item);
        writer.Write(why.Length <= MaxFailureText ? why : why[..MaxFailureText]);
    }

    internal void LoadStanding(ref StateReader reader)
    {
        EndedAt = reader.ReadNumber() is { } ticks ? new(ticks) : null;
        (HasCrashed, Stopped, IsConnected) = (reader.ReadBoolean(), reader.ReadBoolean(), reader.ReadBoolean());
        Connects = reader.ReadInt64();
        (_endedActors, _endedAwaited) = (reader.ReadInt32(0, _actors.Count), reader.ReadInt32(0, _actors.Count));
        if (!reader.ReadBoolean()) { return; }
        Failure = new(Name, reader.ReadText(), reader.ReadInt64(), new InvalidOperationException(reader.ReadText()));
    }

    /// <summary>Writes its cores, its link and its levels.</summary>
    internal void SaveHardware(StateWriter writer)
    {
        Cores.Save(writer);
        Up.Save(writer);
        Down.Save(writer);
        Levels.Save(writer);
    }

    internal void LoadHardware(ref StateReader reader)
    {
        Cores.Load(ref reader);
        Up.Load(ref reader);
        Down.Load(ref reader);
        Levels.Load(ref reader);
    }
}
