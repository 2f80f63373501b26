using StreamLearn.Learning;

namespace StreamLearn.Programs;

/// <summary>What the rows of a fleet's devices are usually like, beside each other.</summary>
public static class FleetComparison
{
    /// <summary>After so long a device tells again what its rows are like, for who has come since.</summary>
    public static readonly TimeSpan RepeatEvery = TimeSpan.FromSeconds(20);

    private const int Capacity = 256;

    private static readonly MergeMomentsOptions Merging = new();

    /// <summary>Defines a pipeline that hears all devices which compare themselves (<see cref="AnomalyWatch.Compares"/>). What claims the
    /// name of another topic's device is dropped as <c>malformed</c>.</summary>
    /// <param name="topics">The fleet's topics.</param>
    /// <param name="transport">How it hears them.</param>
    /// <param name="take">Called with each news: how the devices compare.</param>
    public static Pipeline Create(FleetTopics topics, ITransport transport, Action<FleetMoments> take)
    {
        ArgumentNullException.ThrowIfNull(topics);
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(take);
        return Pipeline.Define("compare", p => p
            .Subscribe<DeviceMoments>(transport, topics.Moments, DeviceMoments.Codec.Name, Decode,
                new() { Capacity = Capacity, Durable = false, SkipRetained = true })
            .MergeMoments(Merging)
            .ForEach("fleet", take));

        DeviceMoments? Decode(in Received message, BatchPool pool) =>
            DeviceMoments.Codec.TryDecode(message.Payload, pool, out var moments) && message.Topic == topics.MomentsOf(moments.Device)
                ? moments : null;
    }

    /// <summary>Lets a device tell what its first rows are like. A link that is away holds up no rows.</summary>
    internal static void Share(Flow<Batch> rows, SensorOptions sensor, AnomalyOptions watched, EdgeLink link) => rows
        .ShareMoments(sensor.Name, new()
        {
            Epoch = sensor.Training.Epoch ?? 0,
            Columns = watched.Columns,
            LearnRows = watched.LearnRows,
            EveryRows = watched.LearnRows,
            RepeatEvery = RepeatEvery,
        })
        .Buffer(1, OnFull.KeepLatest)
        .Publish(link.Control, sensor.Topics.MomentsOf(sensor.Name), DeviceMoments.Codec);
}
