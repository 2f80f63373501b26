using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>Compares the usual rows of a fleet's devices.</summary>
internal static class FleetComparison
{
    /// <summary>Interval at which a device republishes its moments, for late subscribers.</summary>
    public static readonly TimeSpan RepeatEvery = TimeSpan.FromSeconds(20);

    private const int Capacity = 256;

    private static readonly MergeMomentsOptions Merging = new();

    /// <summary>Defines a pipeline that receives all comparing devices (<see cref="AnomalyWatch.Compares"/>). A message that names another
    /// device than its topic is dropped as <c>malformed</c>.</summary>
    public static Pipeline Create(FleetTopics topics, ITransport transport, Action<FleetMoments> take)
    {
        return Pipeline.Define("compare", p => p
            .Subscribe<DeviceMoments>(transport, topics.Moments, DeviceMoments.Codec.Name, Decode,
                new() { Capacity = Capacity, Durable = false, SkipRetained = true })
            .MergeMoments(Merging)
            .ForEach("fleet", take));

        DeviceMoments? Decode(Received message, BatchPool pool) =>
            DeviceMoments.Codec.TryDecode(message.Payload, pool, out var moments) && message.Topic == topics.MomentsOf(moments.Device)
                ? moments : null;
    }

    /// <summary>Publishes moments of the first rows; a lost link does not delay rows.</summary>
    internal static void Share(Flow<Batch> rows, SensorOptions sensor, AnomalyOptions watched, EdgeLink link) => rows
        .ShareMoments(sensor.Name, watched.Columns, watched.LearnRows, everyRows: watched.LearnRows,
            epoch: sensor.Training.Epoch ?? 0, repeatEvery: RepeatEvery)
        .Buffer(1, OnFull.KeepLatest)
        .Publish(link.Control, sensor.Topics.MomentsOf(sensor.Name), DeviceMoments.Codec);
}
