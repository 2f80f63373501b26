using System.Runtime.InteropServices;
using FleetProcess;
using StreamLearn;
using StreamLearn.Mqtt;

// One process of a fleet that learns over a server, with checkpoints in a folder: made to be killed. It ends in good order when it is
// asked to by SIGTERM. Arguments: the server, the folder, the name, and of a sensor the file of its windows. Without arguments it does
// nothing: so long does a process take to start. With "meter" first it is the program of docs/guides/checkpoints.md, with
// "killed-at" an aggregator that ends itself at a step of its work, with "reader" a reader of numbers,
// with "part-worker" a node that computes parts of a block, with "split-device", "split-edge" or "split-aggregator" one of those in split
// training, with "shard-source" or "shard-stage" one of those that generate.
if (args.Length == 0)
{
    Console.WriteLine(FirstMessageTransport.Line);
    return 0;
}

if (args is ["killed-at", ..]) { return await KilledAt.RunAsync(args[1..]); }
if (args is ["part-worker", ..]) { return await PartProcess.RunAsync(args[1..]); }
if (args is ["reader", ..]) { return await Reader.RunAsync(args[1..]); }
if (args[0].StartsWith("split-", StringComparison.Ordinal)) { return await SplitProcess.RunAsync(args); }
if (args[0].StartsWith("shard-", StringComparison.Ordinal)) { return await ShardProcess.RunAsync(args); }
if (args is ["meter", ..]) { return await MeterExamples.RunAsync(args[1..]); }
var (server, folder, name) = (new Uri(args[0]), args[1], args[2]);
var stop = new TaskCompletionSource();
using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.TrySetResult();
});
await using var link = new FirstMessageTransport(new MqttTransport(new()
{
    Server = server,
    ClientId = name,
    InitialReconnectDelay = TimeSpan.FromMilliseconds(50),
}));
var pipeline = args.Length > 3 ? FleetPipelines.Sensor(name, new(args[3]), link) : FleetPipelines.Aggregator(name, link);
await using var run = pipeline.Start(new RunOptions
{
    Checkpoints = new(folder) { HoldAtMost = TimeSpan.FromMilliseconds(20) },
    StartFrom = Checkpoint.Newest(folder),
});
Console.WriteLine("started");
await Task.WhenAny(stop.Task, run.Completion);
await run.DrainAsync();
return 0;
