using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>A device, the edge of its site and a cloud, which answer rows with private columns; the device publishes its rows too, and by
/// mistake those of a source that says nothing of its columns beforehand. A listener takes all bytes of both transports.</summary>
internal sealed class AuditedCascade : IDisposable
{
    internal const int Batches = 20, Rows = 6;
    internal const float Public = 11111.5f, Heart = 22222.5f, Voice = 33333.5f, EdgeRow = 44444.5f, Row = 55555.5f;

    internal static readonly Schema Columns = new(
        Field.Time(),
        Field.Channel("ax", Unit.One),
        Field.Channel("heart", Unit.One) with { Privacy = PrivacyLabel.EdgeOnly },
        Field.Channel("voice", Unit.One) with { Privacy = PrivacyLabel.DeviceOnly },
        new Field(Schema.PrivacyColumn, ColumnType.Int32, Unit.One));

    private readonly VirtualWorld _world;
    private readonly Dictionary<string, List<byte[]>> _sent = new() { ["site"] = [], ["internet"] = [] };
    private readonly List<VirtualDevice> _devices = [];
    private readonly List<string> _letters = [];

    internal AuditedCascade(long seed, PrivacyLabel siteCarries)
    {
        _world = new(new() { Seed = seed });
        var (site, internet) = (_world.Transport("site"), _world.Transport("internet"));
        PublicationOptions onSite = new() { Carries = siteCarries };
        CascadeOptions asking = new() { Threshold = 1 };
        Add("listener", p =>
        {
            foreach (var (transport, sent) in new[] { (site, _sent["site"]), (internet, _sent["internet"]) })
            {
                p.Subscribe(transport, "#", transport.Name,
                        static (Received message, BatchPool _) => new Heard(message.Payload.ToArray()))
                    .Named($"listen {transport.Name}").ForEach($"heard {transport.Name}", heard => sent.Add(heard.Bytes));
            }
        });
        Add("pump-7", p =>
        {
            var rows = p.From("rows", 1, (int _, OperatorContext context) => new LabelledRows(context, DeviceRows), Columns);
            var (answers, asked, lessons) = rows.ToQuestions().Cascade(
                new Unsure(0), p.Subscribe(site, "answers/pump-7", NodesCodecs.CascadeAnswers), asking with { Carries = siteCarries });
            asked.Publish(site, "asked", NodesCodecs.CascadeQuestions, onSite);
            lessons.Discard("lessons");
            answers.ForEach("given", answer => Outcomes[answer.Outcome] = Outcomes.GetValueOrDefault(answer.Outcome) + 1);
            rows.Redact().Publish(internet, "rows", new BareRows());
            p.From("undeclared", 1, static (int _, OperatorContext context) => new LabelledRows(context, []))
                .Publish(internet, "mistaken", new BareRows()).OnError(ErrorPolicy.DeadLetter);
            p.DeadLetters.ForEach("letters", letter => _letters.Add(letter.Reason));
        });
        Add("edge", p =>
        {
            var (answers, asked, _) = p.Subscribe(site, "asked", NodesCodecs.CascadeQuestions).Cascade(
                new Unsure(0.1f), p.Subscribe(internet, "answers", NodesCodecs.CascadeAnswers),
                asking with { Tier = 1, Deadline = asking.Deadline / 2 });
            asked.Publish(internet, "asked", NodesCodecs.CascadeQuestions);
            answers.PublishTo(site, "answers/{source}", NodesCodecs.CascadeAnswers, static a => a.Source, onSite);
        });
        Add("cloud", p => p.Subscribe(internet, "asked", NodesCodecs.CascadeQuestions).ServeTier(new Unsure(0.2f), 2)
            .Publish(internet, "answers", NodesCodecs.CascadeAnswers));
    }

    internal Dictionary<CascadeOutcome, int> Outcomes { get; } = [];

    /// <summary>Keys of rows that do not leave the device.</summary>
    internal List<long> DeviceRows { get; } = [];

    internal int Answers => Outcomes.Values.Sum();

    internal IReadOnlyList<string> Letters => _letters;

    internal long BytesUp => _devices.Sum(static d => d.BytesUp);

    internal long Refused => _devices[1].Metrics["publish mistaken"].Drops["privacy"];

    public void Dispose() => _world.Dispose();

    internal void Run() => _world.RunFor(TimeSpan.FromSeconds(10));

    internal IReadOnlyList<byte[]> Sent(string transport) => _sent[transport];

    private void Add(string name, Action<PipelineBuilder> build) => _devices.Add(_world.Add(Pipeline.Define(name, build)));

    private sealed record Heard(byte[] Bytes);

    /// <summary>Writes all numbers of a batch as they are.</summary>
    private sealed class BareRows : ICodec<Batch>
    {
        public string Name => "bare/1";

        public void Encode(Batch value, IBufferWriter<byte> buffer)
        {
            for (var c = 0; c < value.Columns.Count; c++)
            {
                var column = value.Columns[c];
                buffer.Write(column.Field.Type switch
                {
                    ColumnType.Float32 => MemoryMarshal.AsBytes(column.Values<float>()),
                    ColumnType.Int32 => MemoryMarshal.AsBytes(column.Values<int>()),
                    _ => MemoryMarshal.AsBytes(column.Values<long>()),
                });
            }
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value)
        {
            value = null;
            return false;
        }
    }

    /// <summary>Never sure enough: everything goes as far up as it may.</summary>
    private sealed record Unsure(float Confidence) : ICascadeTier
    {
        public string Name => "unsure";

        public TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory) => new(1, "", Confidence);
    }

    private sealed class LabelledRows(OperatorContext context, List<long> deviceRows) : Source<Batch>
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _next;

        public override DateTimeOffset? NextAt => _next < Batches ? _start.AddMilliseconds(100 * _next) : null;

        public override Batch Next()
        {
            var batch = context.Pool.Rent(Columns, Rows);
            for (var r = 0; r < Rows; r++)
            {
                batch["time"].Writable<long>()[r] = (_next * 1000) + r;
                var label = (PrivacyLabel)context.Random.NextInt32(3);
                if (label == PrivacyLabel.DeviceOnly) { deviceRows.Add((_next * 1000) + r); }
                batch["ax"].Writable<float>()[r] = label switch
                {
                    PrivacyLabel.Public => Public,
                    PrivacyLabel.EdgeOnly => EdgeRow,
                    _ => Row,
                };
                batch["heart"].Writable<float>()[r] = Heart;
                batch["voice"].Writable<float>()[r] = Voice;
                batch[Schema.PrivacyColumn].Writable<int>()[r] = (int)label;
            }

            _next++;
            return batch;
        }
    }
}
