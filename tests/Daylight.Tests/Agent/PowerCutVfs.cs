using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Daylight.Tests.Agent;

/// <summary>One thing that SQLite did to a file, or that the test noted between two of them.</summary>
internal abstract record DiskAct
{
    public sealed record Write(string File, long At, byte[] Bytes) : DiskAct;

    public sealed record Truncate(string File, long Size) : DiskAct;

    public sealed record Sync(string File) : DiskAct;

    public sealed record Delete(string File) : DiskAct;

    public sealed record Note(string Text) : DiskAct;
}

/// <summary>
/// Writes down everything that SQLite does to the files of one folder, so that a test can cut the power at any moment: what was not synchronised by then may be there, or
/// not, or in part. It stands between SQLite and its own VFS (sqlite.org/c3ref/vfs.html), and passes everything on.
/// </summary>
internal static unsafe class PowerCutVfs
{
    private const int Header = 16; // pointer to our methods, and a number

    private static readonly Lock Gate = new();
    private static readonly List<DiskAct> Acts = [];
    private static readonly List<string> Names = [];
    private static string? watched;
    private static Vfs* real;
    private static Vfs* ours;
    private static IoMethods* methods;

    /// <summary>Watches a folder from now on.</summary>
    public static void Watch(string folder)
    {
        lock (Gate)
        {
            if (ours is null)
            {
                Install();
            }

            Acts.Clear();
            watched = folder;
        }
    }

    /// <summary>Writes down something that the test knows.</summary>
    public static void Note(string text) => Add(new DiskAct.Note(text));

    /// <summary>Stops watching; what happened, in order.</summary>
    public static IReadOnlyList<DiskAct> Stop()
    {
        lock (Gate)
        {
            watched = null;
            return [.. Acts];
        }
    }

    private static void Add(DiskAct act)
    {
        lock (Gate)
        {
            if (watched is not null)
            {
                Acts.Add(act);
            }
        }
    }

    private static string? Name(File* file)
    {
        lock (Gate)
        {
            return watched is { } folder && Names[file->Number] is var name && name.StartsWith(folder, StringComparison.Ordinal) && !name.EndsWith("-shm", StringComparison.Ordinal) ? name : null;
        }
    }

    private static void Install()
    {
        _ = new Daylight.Storage.SqliteDatabase(Path.Combine(Directory.CreateTempSubdirectory("daylight-vfs-").FullName, "x.db")); // sets the library up
        var library = NativeLibrary.Load(OperatingSystem.IsMacOS() ? "libsqlite3.dylib" : "libsqlite3.so.0");
        var find = (delegate* unmanaged[Cdecl]<byte*, Vfs*>)NativeLibrary.GetExport(library, "sqlite3_vfs_find");
        var register = (delegate* unmanaged[Cdecl]<Vfs*, int, int>)NativeLibrary.GetExport(library, "sqlite3_vfs_register");
        ((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "sqlite3_initialize"))();
        real = find(null);
        ours = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        *ours = *real;
        ours->Version = 2;
        ours->OsFile = real->OsFile + Header;
        ours->Next = null;
        ours->NameText = (byte*)Marshal.StringToCoTaskMemUTF8("power-cut");
        ours->Open = &Open;
        ours->Delete = &Delete;
        ours->Access = &Access;
        ours->FullPathname = &FullPathname;
        methods = (IoMethods*)NativeMemory.AllocZeroed((nuint)sizeof(IoMethods));
        *methods = new IoMethods
        {
            Version = 2,
            Close = &Close,
            Read = &Read,
            Write = &Write,
            Truncate = &Truncate,
            Sync = &Sync,
            FileSize = &FileSize,
            Lock = &LockFile,
            Unlock = &UnlockFile,
            CheckReservedLock = &CheckReservedLock,
            FileControl = &FileControl,
            SectorSize = &SectorSize,
            DeviceCharacteristics = &DeviceCharacteristics,
            ShmMap = &ShmMap,
            ShmLock = &ShmLock,
            ShmBarrier = &ShmBarrier,
            ShmUnmap = &ShmUnmap,
        };
        _ = register(ours, 1);
    }

    private static File* Real(File* file) => (File*)((byte*)file + Header);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Vfs* vfs, byte* name, File* file, int flags, int* outFlags)
    {
        var code = real->Open(real, name, Real(file), flags, outFlags);
        lock (Gate)
        {
            file->Methods = Real(file)->Methods is null ? null : methods;
            file->Number = Names.Count;
            Names.Add(Marshal.PtrToStringUTF8((nint)name) ?? string.Empty);
        }

        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Delete(Vfs* vfs, byte* name, int sync)
    {
        var path = Marshal.PtrToStringUTF8((nint)name)!;
        lock (Gate)
        {
            if (watched is { } folder && path.StartsWith(folder, StringComparison.Ordinal))
            {
                Acts.Add(new DiskAct.Delete(path));
                if (sync != 0)
                {
                    Acts.Add(new DiskAct.Sync(path)); // its folder is synchronised
                }
            }
        }

        return real->Delete(real, name, sync);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Access(Vfs* vfs, byte* name, int flags, int* outcome) => real->Access(real, name, flags, outcome);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FullPathname(Vfs* vfs, byte* name, int length, byte* path) => real->FullPathname(real, name, length, path);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(File* file) => Real(file)->Methods->Close(Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(File* file, byte* buffer, int count, long at) => Real(file)->Methods->Read(Real(file), buffer, count, at);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(File* file, byte* buffer, int count, long at)
    {
        if (Name(file) is { } name)
        {
            Add(new DiskAct.Write(name, at, new ReadOnlySpan<byte>(buffer, count).ToArray()));
        }

        return Real(file)->Methods->Write(Real(file), buffer, count, at);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(File* file, long size)
    {
        if (Name(file) is { } name)
        {
            Add(new DiskAct.Truncate(name, size));
        }

        return Real(file)->Methods->Truncate(Real(file), size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(File* file, int flags)
    {
        var code = Real(file)->Methods->Sync(Real(file), flags);
        if (Name(file) is { } name)
        {
            Add(new DiskAct.Sync(name));
        }

        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileSize(File* file, long* size) => Real(file)->Methods->FileSize(Real(file), size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int LockFile(File* file, int level) => Real(file)->Methods->Lock(Real(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int UnlockFile(File* file, int level) => Real(file)->Methods->Unlock(Real(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CheckReservedLock(File* file, int* outcome) => Real(file)->Methods->CheckReservedLock(Real(file), outcome);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileControl(File* file, int operation, void* argument) => Real(file)->Methods->FileControl(Real(file), operation, argument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SectorSize(File* file) => Real(file)->Methods->SectorSize(Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DeviceCharacteristics(File* file) => Real(file)->Methods->DeviceCharacteristics(Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ShmMap(File* file, int page, int size, int extend, void** memory) => Real(file)->Methods->ShmMap(Real(file), page, size, extend, memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ShmLock(File* file, int offset, int count, int flags) => Real(file)->Methods->ShmLock(Real(file), offset, count, flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ShmBarrier(File* file) => Real(file)->Methods->ShmBarrier(Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ShmUnmap(File* file, int delete) => Real(file)->Methods->ShmUnmap(Real(file), delete);

    [StructLayout(LayoutKind.Sequential)]
    private struct File
    {
        public IoMethods* Methods;
        public int Number;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IoMethods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<File*, int> Close;
        public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<File*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<File*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<File*, long*, int> FileSize;
        public delegate* unmanaged[Cdecl]<File*, int, int> Lock;
        public delegate* unmanaged[Cdecl]<File*, int, int> Unlock;
        public delegate* unmanaged[Cdecl]<File*, int*, int> CheckReservedLock;
        public delegate* unmanaged[Cdecl]<File*, int, void*, int> FileControl;
        public delegate* unmanaged[Cdecl]<File*, int> SectorSize;
        public delegate* unmanaged[Cdecl]<File*, int> DeviceCharacteristics;
        public delegate* unmanaged[Cdecl]<File*, int, int, int, void**, int> ShmMap;
        public delegate* unmanaged[Cdecl]<File*, int, int, int, int> ShmLock;
        public delegate* unmanaged[Cdecl]<File*, void> ShmBarrier;
        public delegate* unmanaged[Cdecl]<File*, int, int> ShmUnmap;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        public int Version;
        public int OsFile;
        public int MaxPathname;
        public Vfs* Next;
        public byte* NameText;
        public void* AppData;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, File*, int, int*, int> Open;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int> Delete;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int*, int> Access;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, byte*, int> FullPathname;
        public void* DlOpen;
        public void* DlError;
        public void* DlSym;
        public void* DlClose;
        public void* Randomness;
        public void* Sleep;
        public void* CurrentTime;
        public void* GetLastError;
        public void* CurrentTimeInt64;
    }
}
