using StreamLearn.Torch.Tests;

// The tests, or what a test starts as a process of its own.
if (args is ["without-torch"]) { return OwnProcess.Refused(); }
if (args is ["unbounded"]) { return OwnProcess.Unbounded(); }
OwnProcess.AvoidAvx512();
TestNatives.Load();
return args is ["sensor", var name, var server]
    ? await OwnProcess.SensorAsync(name, new(server))
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
