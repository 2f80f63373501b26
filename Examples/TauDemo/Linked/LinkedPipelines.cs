using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>The pipelines of nodes and aggregator over a server, which may fail and lose what it has taken: versions and updates go again
/// while nothing newer follows, and whoever has one drops it.</summary>
internal static class LinkedPipelines
{
    /// <summary>The subscriptions of the aggregator.</summary>
    internal const string UpdatesBlock = "updates", NewsBlock = "news";

    /// <summary>The input of the aggregator that takes commands.</summary>
    internal const string CommandsInput = "commands";

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private static readonly PublicationOptions OneAtATime = new() { InFlight = 1 };

    /// <summary>A node that learns from the rows of the case that comes with each version.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="part">What it does.</param>
    /// <param name="air">Carries updates and versions.</param>
    /// <param name="of">The topics of the fleet.</param>
    internal static Pipeline Node(string name, NodePart part, ITransport air, TauTopics of) => Pipeline.Define(name, p =>
    {
        var (rows, alarms, models) = Once(p.Subscribe(air, of.Versions, TauVersion.Codec), MessagePlace.Of)
            .Via(TauPipelines.RowsBlock, new RowsByVersionOptions(part.Rows), static (RowsByVersionOptions options, OperatorContext context,
                IOutput<Batch> rows, IOutput<DriftAlarm> alarms, IOutput<Weights> versions) =>
                    new RowsByVersion(options.Own, context, rows, alarms, versions));
        if (part.Log is { } log) { alarms.ForEach("log cases", alarm => log($"got case {alarm.Row}")); }
        Publish(TauPipelines.AddTraining(part, rows, alarms, models), air, of.UpdatesOf(name), LearningCodecs.Deltas);
    });

    /// <summary>The aggregator. Commands are given to it (<see cref="CommandsInput"/>), and versions carry to the nodes what they are to
    /// know.</summary>
    /// <param name="part">What it does.</param>
    /// <param name="first">The case at the start.</param>
    /// <param name="air">Carries updates and versions, and what nodes say of themselves.</param>
    /// <param name="of">The topics of the fleet.</param>
    /// <param name="hear">Told what nodes say of themselves.</param>
    internal static Pipeline Aggregator(AggregatorPart part, DataCase first, ITransport air, TauTopics of, Action<NodeNews> hear) =>
        Pipeline.Define(TauPipelines.AggregatorName, p =>
        {
            var commands = p.Input<DemoCommand>(CommandsInput);
            var updates = p.Subscribe(air, of.Updates, LearningCodecs.Deltas).Named(UpdatesBlock);
            var versions = TauPipelines.AddAggregator(part, Once(updates, MessagePlace.Of), commands)
                .Via("case", new WithCaseOptions(first),
                    static (WithCaseOptions options, OperatorContext _, IOutput<TauVersion> output) => new WithCase(options, output))
                .ControlledBy(commands);
            Publish(versions, air, of.Versions, TauVersion.Codec);
            p.Subscribe(air, of.News, NodeNews.Codec).Named(NewsBlock).ForEach("hear", hear);
        });

    /// <summary>Publishes messages of which the newest counts.</summary>
    private static void Publish<T>(Flow<T> flow, ITransport air, Topic topic, ICodec<T> codec)
        where T : class =>
        flow.Via("again", new SendAgainOptions<T>(Again, codec),
                static (SendAgainOptions<T> options, OperatorContext context, IOutput<T> output) =>
                    new SendAgain<T>(options, context, output))
            .Coalesce(static (_, newest) => newest)
            .Publish(air, topic, codec, OneAtATime);

    /// <summary>Takes each message once.</summary>
    private static Flow<T> Once<T>(Flow<T> flow, Func<T, MessagePlace> placeOf)
        where T : class =>
        flow.Via("unrepeated", new UnrepeatedOptions<T>(placeOf),
            static (UnrepeatedOptions<T> options, OperatorContext context, IOutput<T> output) =>
                new Unrepeated<T>(options, context, output));
}
